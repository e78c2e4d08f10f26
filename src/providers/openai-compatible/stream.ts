import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { AnswerEvent, Citation, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { count, list, readJson, record, text, type Wire, word } from '../lenient.ts';
import {
  callId,
  citationsOf,
  contentText,
  madeUpCallId,
  reasoningText,
  throwIfFailure,
  toFinishReason,
  toUsage,
} from './decode.ts';
import type { Profile } from './profile.ts';

type OpenCall = {
  readonly key: number;
  readonly wireId: string | undefined;
  readonly id: string;
  name: string | undefined;
  /** What came before the name. */
  held: string;
  written: boolean;
};

export function decodeStream(profile: Profile): StreamDecoder {
  let started = false;
  let id: string | undefined;
  let rawFinishReason: string | undefined;
  let refusal: string | undefined;
  let citations: readonly Citation[] = [];
  let usage: Usage | undefined;
  const calls: OpenCall[] = [];

  function push({ data }: ServerSentEvent): readonly AnswerEvent[] {
    const payload = data.trim();
    if (payload === '') return [];
    if (payload === '[DONE]') return finish();
    const chunk = readJson(payload);
    if (typeof chunk !== 'object' || chunk === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} sent an event that is not JSON.`);
    }
    return readChunk(record(chunk));
  }

  function readChunk(chunk: Wire): readonly AnswerEvent[] {
    throwIfFailure(profile, chunk);
    const events: AnswerEvent[] = [];
    usage = toUsage(profile, chunk['usage']) ?? usage;
    const choice = record(list(chunk['choices'])[0]);
    const delta = record(choice['delta']);
    // Proxies put chunks without an id in front; the first one that has it opens the answer.
    id ??= word(chunk['id']);
    if (!started && (id !== undefined || Object.keys(delta).length > 0)) {
      started = true;
      events.push({ type: 'started', id, model: word(chunk['model']), created: count(chunk['created']) || undefined });
    }
    const cited = citationsOf(chunk, delta);
    if (cited.length > 0) citations = cited;
    const reasoning = reasoningText(delta);
    if (reasoning) events.push({ type: 'reasoning', text: reasoning });
    const content = contentText(delta['content']);
    if (content) events.push({ type: 'content', text: content });
    const refused = word(delta['refusal']);
    if (refused) refusal = (refusal ?? '') + refused;
    for (const [position, call] of list(delta['tool_calls']).entries()) readCall(record(call), position, events);
    rawFinishReason = word(choice['finish_reason']) ?? rawFinishReason;
    return events;
  }

  function readCall(wire: Wire, position: number, events: AnswerEvent[]): void {
    const index = findCall(wire, position);
    const call = calls[index];
    if (!call) return;
    const called = record(wire['function']);
    const piece =
      typeof called['arguments'] === 'object' && called['arguments'] !== null
        ? JSON.stringify(called['arguments'])
        : (text(called['arguments']) ?? '');
    const isOpened = call.name === undefined && word(called['name']) !== undefined;
    call.name ??= word(called['name']);
    if (piece !== '') call.written = true;
    if (call.name === undefined) call.held += piece;
    else if (isOpened || piece !== '') {
      events.push({ type: 'tool_call', index, id: call.id, name: call.name, argumentsDelta: call.held + piece });
      call.held = '';
    }
  }

  /** Deltas of one call share its wire index; where there is none, its id, or else its place. */
  function findCall(wire: Wire, position: number): number {
    const wireIndex = count(wire['index']);
    const wireId = callId(wire['id']);
    const key = wireIndex ?? (wireId === undefined ? position : undefined);
    const known = calls.findLastIndex((call) =>
      key === undefined
        ? call.wireId === wireId
        : call.key === key && (wireId === undefined || call.wireId === undefined || call.wireId === wireId),
    );
    if (known >= 0) return known;
    calls.push({
      id: wireId ?? madeUpCallId(id, calls.length),
      key: key ?? calls.length,
      wireId,
      name: undefined,
      held: '',
      written: false,
    });
    return calls.length - 1;
  }

  function finish(): readonly AnswerEvent[] {
    const events: AnswerEvent[] = [];
    if (!started) throw truncated();
    for (const [index, call] of calls.entries()) {
      const { id, name = '', held, written } = call;
      // A call without arguments is one with an empty object of them.
      const rest = written ? held : '{}';
      if (rest !== '') events.push({ type: 'tool_call', index, id, name, argumentsDelta: rest });
    }
    const finishReason = toFinishReason(profile, rawFinishReason, calls.length > 0, refusal !== undefined);
    events.push({
      type: 'finished',
      finishReason,
      rawFinishReason,
      refusal,
      citations,
      usage,
      providerState: undefined,
    });
    return events;
  }

  function end(): readonly AnswerEvent[] {
    // Some hosts leave out [DONE]; a finish reason is an end marker too.
    if (rawFinishReason !== undefined) return finish();
    throw truncated();
  }

  function truncated(): GatewayError {
    return new GatewayError('UPSTREAM_TRUNCATED', `The stream of ${profile.id} ended without a finish reason.`);
  }

  return { push, end, usage: () => usage };
}
