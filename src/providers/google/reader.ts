import type { AnswerEvent, Citation, Usage } from '../../core/completion.ts';
import { madeUpCallId } from '../generated-call-id.ts';
import { list, record, text, unixSeconds, type Wire, word } from '../read-json.ts';
import { addCitations, citationsOf } from './citations.ts';
import { toFinishReason, toRefusal, toUsage } from './finish.ts';
import { type Arguments, addPieces, createArguments, toArgumentsText } from './partial-args.ts';
import { createSignatureLog } from './signatures.ts';

type OpenCall = { readonly index: number; readonly id: string; readonly name: string; readonly args: Arguments };

export type Reader = {
  read(piece: Wire): readonly AnswerEvent[];
  /** Whether it was told how the answer ended. */
  isComplete(): boolean;
  finish(): readonly AnswerEvent[];
  usage(): Usage | undefined;
};

/** Adds up the pieces of one answer. A piece of a stream has the form of a whole answer, so this reads both. */
export function createReader(): Reader {
  let started = false;
  let id: string | undefined;
  let rawFinishReason: string | undefined;
  /** The provider's own sentence about the ending. */
  let told: string | undefined;
  let blockReason: string | undefined;
  let usage: Wire = {};
  let citations: readonly Citation[] = [];
  let open: OpenCall | undefined;
  let callCount = 0;
  const signatures = createSignatureLog();

  function read(piece: Wire): readonly AnswerEvent[] {
    const candidate = record(list(piece['candidates'])[0]);
    const feedback = record(piece['promptFeedback']);
    usage = { ...usage, ...withoutNulls(record(piece['usageMetadata'])) };
    citations = addCitations(citations, citationsOf(candidate));
    rawFinishReason = word(candidate['finishReason']) ?? rawFinishReason;
    blockReason = word(feedback['blockReason']) ?? blockReason;
    told = word(candidate['finishMessage']) ?? word(feedback['blockReasonMessage']) ?? told;
    return [...start(piece), ...list(record(candidate['content'])['parts']).map(record).flatMap(readPart)];
  }

  function start(piece: Wire): readonly AnswerEvent[] {
    id ??= word(piece['responseId']);
    const saysSomething = id !== undefined || piece['candidates'] !== undefined || blockReason !== undefined;
    if (started || !saysSomething) return [];
    started = true;
    return [{ type: 'started', id, model: word(piece['modelVersion']), created: toSeconds(piece['createTime']) }];
  }

  function readPart(part: Wire): readonly AnswerEvent[] {
    const signature = word(part['thoughtSignature']);
    const call = part['functionCall'];
    if (typeof call === 'object' && call !== null) return readCall(record(call), signature);
    const piece = text(part['text']);
    if (piece === undefined) return [];
    if (part['thought'] === true) return piece === '' ? [] : [{ type: 'reasoning', text: piece }];
    signatures.text(piece, signature);
    return piece === '' ? [] : [{ type: 'content', text: piece }];
  }

  /** Most calls come whole. One that will continue is held until a part without that word, the next name or the end. */
  function readCall(wire: Wire, signature: string | undefined): readonly AnswerEvent[] {
    const name = word(wire['name']);
    const events = name === undefined ? [] : closeCall();
    if (name !== undefined) open = beginCall(name, wire);
    if (open === undefined) return events;
    signatures.call(open.id, signature);
    addPieces(open.args, wire['partialArgs']);
    return wire['willContinue'] === true ? events : [...events, ...closeCall()];
  }

  function beginCall(name: string, wire: Wire): OpenCall {
    const index = callCount++;
    return { index, id: word(wire['id']) ?? madeUpCallId(id, index), name, args: createArguments(wire['args']) };
  }

  function closeCall(): readonly AnswerEvent[] {
    if (open === undefined) return [];
    const { args, ...call } = open;
    open = undefined;
    return [{ type: 'tool_call', ...call, argumentsDelta: toArgumentsText(args) }];
  }

  function finish(): readonly AnswerEvent[] {
    return [
      ...closeCall(),
      {
        type: 'finished',
        finishReason: blockReason ? 'content_filter' : toFinishReason(rawFinishReason, callCount > 0),
        rawFinishReason: rawFinishReason ?? blockReason,
        refusal: toRefusal(rawFinishReason, blockReason, told),
        citations,
        usage: toUsage(usage),
        providerState: signatures.seal(),
      },
    ];
  }

  const isComplete = () => rawFinishReason !== undefined || blockReason !== undefined;
  return { read, isComplete, finish, usage: () => toUsage(usage) };
}

/** Some events tell of the usage in part: what they leave out stands. */
function withoutNulls(usage: Wire): Wire {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null && value !== undefined));
}

function toSeconds(time: unknown): number | undefined {
  return unixSeconds(Date.parse(text(time) ?? '') / 1000);
}
