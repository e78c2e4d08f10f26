import type { Citation, ProviderEvent, Usage } from '../../core/completion.ts';
import { addCitations } from '../add-citations.ts';
import { addCounts } from '../add-counts.ts';
import { generateCallId } from '../generated-call-id.ts';
import { array, nonEmptyString, object, string, unixSeconds, type WireObject } from '../read-json.ts';
import { citationsOf } from './citations.ts';
import { toFinishReason, toRefusal, toUsage } from './finish.ts';
import { type Arguments, addPieces, createArguments, toArgumentsText } from './partial-args.ts';
import { createSignatureLog } from './signatures.ts';

type OpenCall = { readonly index: number; readonly id: string; readonly name: string; readonly args: Arguments };

export type Reader = {
  read(piece: WireObject): readonly ProviderEvent[];
  /** Whether a finish reason has arrived. */
  isComplete(): boolean;
  finish(): readonly ProviderEvent[];
  usage(): Usage | undefined;
};

/** Adds up the pieces of one answer. A piece of a stream has the form of a whole answer, so this reads both. */
export function createReader(): Reader {
  let started = false;
  let id: string | undefined;
  let rawFinishReason: string | undefined;
  /** The provider's own sentence about the finish reason. */
  let reported: string | undefined;
  let blockReason: string | undefined;
  let usage: WireObject = {};
  let citations: readonly Citation[] = [];
  let open: OpenCall | undefined;
  let callCount = 0;
  const signatures = createSignatureLog();

  function read(piece: WireObject): readonly ProviderEvent[] {
    const candidate = object(array(piece['candidates'])[0]);
    const feedback = object(piece['promptFeedback']);
    usage = addCounts(usage, object(piece['usageMetadata']));
    citations = addCitations(citations, citationsOf(candidate));
    rawFinishReason = nonEmptyString(candidate['finishReason']) ?? rawFinishReason;
    blockReason = nonEmptyString(feedback['blockReason']) ?? blockReason;
    reported = nonEmptyString(candidate['finishMessage']) ?? nonEmptyString(feedback['blockReasonMessage']) ?? reported;
    return [...start(piece), ...array(object(candidate['content'])['parts']).map(object).flatMap(readPart)];
  }

  function start(piece: WireObject): readonly ProviderEvent[] {
    id ??= nonEmptyString(piece['responseId']);
    const saysSomething = id !== undefined || piece['candidates'] !== undefined || blockReason !== undefined;
    if (started || !saysSomething) return [];
    started = true;
    return [
      { type: 'started', id, model: nonEmptyString(piece['modelVersion']), created: toSeconds(piece['createTime']) },
    ];
  }

  function readPart(part: WireObject): readonly ProviderEvent[] {
    const signature = nonEmptyString(part['thoughtSignature']);
    const call = part['functionCall'];
    if (typeof call === 'object' && call !== null) return readCall(object(call), signature);
    const piece = string(part['text']);
    if (piece === undefined) return [];
    if (part['thought'] === true) return piece === '' ? [] : [{ type: 'reasoning', text: piece }];
    signatures.text(piece, signature);
    return piece === '' ? [] : [{ type: 'content', text: piece }];
  }

  /** Most calls arrive whole. One that continues is held until a part without that flag, the next name or the end. */
  function readCall(wire: WireObject, signature: string | undefined): readonly ProviderEvent[] {
    const name = nonEmptyString(wire['name']);
    const events = name === undefined ? [] : closeCall();
    if (name !== undefined) open = beginCall(name, wire);
    if (open === undefined) return events;
    signatures.call(open.id, signature);
    addPieces(open.args, wire['partialArgs']);
    return wire['willContinue'] === true ? events : [...events, ...closeCall()];
  }

  function beginCall(name: string, wire: WireObject): OpenCall {
    const index = callCount++;
    return {
      index,
      id: nonEmptyString(wire['id']) ?? generateCallId(id, index),
      name,
      args: createArguments(wire['args']),
    };
  }

  function closeCall(): readonly ProviderEvent[] {
    if (open === undefined) return [];
    const { args, ...call } = open;
    open = undefined;
    return [{ type: 'tool_call', ...call, argumentsDelta: toArgumentsText(args) }];
  }

  function finish(): readonly ProviderEvent[] {
    return [
      ...closeCall(),
      {
        type: 'finished',
        finishReason: blockReason ? 'content_filter' : toFinishReason(rawFinishReason, callCount > 0),
        rawFinishReason: rawFinishReason ?? blockReason,
        refusal: toRefusal(rawFinishReason, blockReason, reported),
        citations,
        usage: toUsage(usage),
        providerState: signatures.seal(),
      },
    ];
  }

  const isComplete = () => rawFinishReason !== undefined || blockReason !== undefined;
  return { read, isComplete, finish, usage: () => toUsage(usage) };
}

function toSeconds(time: unknown): number | undefined {
  return unixSeconds(Date.parse(string(time) ?? '') / 1000);
}
