import type { Citation, ProviderEvent, TokenLogprob, Usage } from '../../core/completion.ts';
import { addCitations } from '../add-citations.ts';
import { addCounts } from '../add-counts.ts';
import { generateCallId } from '../generated-call-id.ts';
import { array, nonEmptyString, object, string, unixSeconds, type WireObject } from '../read-json.ts';
import { citationsOf, type Support, supportsOf, withPlaces } from './citations.ts';
import { toFinishReason, toRefusal, toUsage } from './finish.ts';
import { toLogprobs } from './logprobs.ts';
import { type Arguments, addPieces, createArguments, toArgumentsText } from './partial-args.ts';
import { createSignatureLog } from './signatures.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: Arguments;
  signature?: string;
};

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
  let text = '';
  let supports: readonly Support[] = [];
  let queries: readonly unknown[] = [];
  let codeRuns = 0;
  let fileCount = 0;
  let serviceTier: string | undefined;
  const logprobs: TokenLogprob[] = [];

  function read(piece: WireObject): readonly ProviderEvent[] {
    const candidate = object(array(piece['candidates'])[0]);
    const feedback = object(piece['promptFeedback']);
    usage = addCounts(usage, object(piece['usageMetadata']));
    citations = addCitations(citations, citationsOf(candidate));
    rawFinishReason = nonEmptyString(candidate['finishReason']) ?? rawFinishReason;
    blockReason = nonEmptyString(feedback['blockReason']) ?? blockReason;
    reported = nonEmptyString(candidate['finishMessage']) ?? nonEmptyString(feedback['blockReasonMessage']) ?? reported;
    supports = [...supports, ...supportsOf(candidate)];
    serviceTier = nonEmptyString(piece['serviceTier']) ?? nonEmptyString(usage['serviceTier']) ?? serviceTier;
    logprobs.push(...toLogprobs(candidate['logprobsResult']));
    return [
      ...start(piece),
      ...array(object(candidate['content'])['parts']).map(object).flatMap(readPart),
      ...readSearch(array(object(candidate['groundingMetadata'])['webSearchQueries'])),
    ];
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

  /** Gemini reports searches when they are done. */
  function readSearch(found: readonly unknown[]): readonly ProviderEvent[] {
    if (found.length === 0 || queries.length > 0) return [];
    queries = found;
    const input = nonEmptyString(found.filter((query) => typeof query === 'string').join(', '));
    return [{ type: 'server_tool', id: 'search_0', name: 'web_search', status: 'done', input }];
  }

  function readCode({ executableCode, codeExecutionResult }: WireObject): readonly ProviderEvent[] {
    if (executableCode) {
      const input = nonEmptyString(object(executableCode)['code']);
      return [{ type: 'server_tool', id: `code_${codeRuns++}`, name: 'code_execution', status: 'running', input }];
    }
    const isDone = object(codeExecutionResult)['outcome'] === 'OUTCOME_OK';
    const id = `code_${Math.max(0, codeRuns - 1)}`;
    return [{ type: 'server_tool', id, name: 'code_execution', status: isDone ? 'done' : 'failed', input: undefined }];
  }

  function readFile(inline: WireObject): readonly ProviderEvent[] {
    const data = nonEmptyString(inline['data']);
    if (!data) return [];
    return [{ type: 'file', index: fileCount++, mediaType: nonEmptyString(inline['mimeType']) ?? '', data }];
  }

  function readPart(part: WireObject): readonly ProviderEvent[] {
    const signature = nonEmptyString(part['thoughtSignature']);
    const call = part['functionCall'];
    if (typeof call === 'object' && call !== null) return readCall(object(call), signature);
    if (part['executableCode'] || part['codeExecutionResult']) return readCode(part);
    // Thoughts may hold drafts of an image.
    if (part['inlineData']) return part['thought'] === true ? [] : readFile(object(part['inlineData']));
    const piece = string(part['text']);
    if (piece === undefined) return [];
    if (part['thought'] === true) return piece === '' ? [] : [{ type: 'reasoning', text: piece }];
    signatures.text(piece, signature);
    text += piece;
    return piece === '' ? [] : [{ type: 'content', text: piece }];
  }

  /** Most calls arrive whole. One that continues is held until a part without that flag, the next name or the end. */
  function readCall(wire: WireObject, signature: string | undefined): readonly ProviderEvent[] {
    const name = nonEmptyString(wire['name']);
    const events = name === undefined ? [] : closeCall();
    if (name !== undefined) open = beginCall(name, wire);
    if (open === undefined) return events;
    signatures.call(open.id, signature);
    if (signature !== undefined) open.signature = signature;
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
        citations: withPlaces(citations, supports, text),
        usage: withToolCalls(toUsage(usage)),
        providerState: signatures.seal(),
        ...(serviceTier && { serviceTier }),
        ...(logprobs.length > 0 && { logprobs }),
      },
    ];
  }

  function withToolCalls(counted: Usage | undefined): Usage | undefined {
    if (!counted || (queries.length === 0 && codeRuns === 0)) return counted;
    const runs = {
      ...(queries.length > 0 && { web_search: queries.length }),
      ...(codeRuns > 0 && { code_execution: codeRuns }),
    };
    return { ...counted, serverToolCalls: runs };
  }

  const isComplete = () => rawFinishReason !== undefined || blockReason !== undefined;
  return { read, isComplete, finish, usage: () => toUsage(usage) };
}

function toSeconds(time: unknown): number | undefined {
  return unixSeconds(Date.parse(string(time) ?? '') / 1000);
}
