import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { AnswerEvent, Citation, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { list, readJson, record, text, unixSeconds, type Wire, word } from '../read-json.ts';
import { createTextChunks } from './chunk-template.ts';
import { contentText, reasoningText, sealReasoning, thinkSplitter } from './decode.ts';
import { throwIfFailure, toToldFailure } from './decode-error.ts';
import { citationsOf, toFinishReason, toUsage } from './finish.ts';
import type { Profile } from './profile.ts';
import { createCallReader } from './stream-calls.ts';
import type { ThinkSplitter } from './think-tags.ts';

export function decodeStream(profile: Profile): StreamDecoder {
  let started = false;
  let id: string | undefined;
  let model: string | undefined;
  let rawFinishReason: string | undefined;
  let refusal: string | undefined;
  let citations: readonly Citation[] = [];
  let usage: Usage | undefined;
  let reasoning = '';
  let hasText = false;
  let splitter: ThinkSplitter | undefined;
  const calls = createCallReader();
  const textChunks = createTextChunks();

  function push({ event, data, status }: ServerSentEvent): readonly AnswerEvent[] {
    const payload = data.trim();
    if (payload === '') return [];
    if (payload === '[DONE]') return finish();
    const content = event === undefined && status === undefined ? textChunks.textOf(payload) : undefined;
    if (content !== undefined) return tellText(content);
    const chunk = readJson(payload);
    if (typeof chunk !== 'object' || chunk === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} sent an event that is not JSON.`, { status });
    }
    if (event === 'error' || status !== undefined) throw toToldFailure(profile, record(chunk), status);
    const events = readChunk(record(chunk));
    textChunks.learn(payload, record(chunk));
    return events;
  }

  function readChunk(chunk: Wire): readonly AnswerEvent[] {
    throwIfFailure(profile, chunk);
    const events: AnswerEvent[] = [];
    usage = toUsage(profile, chunk['usage']) ?? usage;
    const choice = record(list(chunk['choices'])[0]);
    const delta = record(choice['delta']);
    // Proxies put chunks without an id in front; the first one that has it opens the answer.
    id ??= word(chunk['id']);
    model ??= word(chunk['model']);
    if (!started && (id !== undefined || Object.keys(delta).length > 0)) {
      started = true;
      events.push({ type: 'started', id, model, created: unixSeconds(chunk['created']) });
    }
    const cited = citationsOf(chunk, delta);
    if (cited.length > 0) citations = cited;
    events.push(...readReasoning(reasoningText(delta)), ...readText(choice, delta));
    const refused = word(delta['refusal']);
    if (refused) refusal = (refusal ?? '') + refused;
    if (delta['tool_calls']) events.push(...calls.read(list(delta['tool_calls']), id));
    rawFinishReason = word(choice['finish_reason']) ?? rawFinishReason;
    return events;
  }

  function readReasoning(thoughts: string): readonly AnswerEvent[] {
    if (thoughts === '') return [];
    // Who has a field for thoughts does not write them into the text as well.
    splitter ??= thinkSplitter(profile, model);
    return note([...(splitter?.stop() ?? []), { type: 'reasoning', text: thoughts }]);
  }

  function readText(choice: Wire, delta: Wire): readonly AnswerEvent[] {
    const content = contentText(delta['content']);
    // Perplexity tells the text so far beside each delta; a last delta that says it all again is no continuation.
    const isRepeated = hasText && content === text(record(choice['message'])['content']);
    return isRepeated ? [] : tellText(content);
  }

  function tellText(content: string): readonly AnswerEvent[] {
    if (content === '') return [];
    hasText = true;
    splitter ??= thinkSplitter(profile, model);
    return note(splitter?.push(content) ?? [{ type: 'content', text: content }]);
  }

  function note(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
    for (const event of events) if (event.type === 'reasoning') reasoning += event.text;
    return events;
  }

  function finish(): readonly AnswerEvent[] {
    if (!started) throw truncated();
    const finishReason = toFinishReason(profile, rawFinishReason, calls.count() > 0, refusal !== undefined);
    return [
      ...note(splitter?.end(finishReason === 'stop') ?? []),
      ...calls.finish(),
      {
        type: 'finished',
        finishReason,
        rawFinishReason,
        refusal,
        citations,
        usage,
        providerState: sealReasoning(profile, reasoning, calls.count() > 0),
      },
    ];
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
