import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { Citation, ProviderEvent, TokenLogprob, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { addCitations } from '../add-citations.ts';
import { toLogprobs } from '../logprobs.ts';
import { array, nonEmptyString, object, readJson, string, unixSeconds, type WireObject } from '../read-json.ts';
import { createChunkTemplate } from './chunk-template.ts';
import {
  contentText,
  filesOf,
  messageOf,
  reasoningText,
  sealReasoning,
  thinkSplitter,
  toAudio,
  toolCallsOf,
} from './decode.ts';
import { throwIfFailure, toFailureFromBody } from './decode-error.ts';
import { addUsage, citationsOf, toFinishReason, toUsage } from './finish.ts';
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
  let serviceTier: string | undefined;
  let systemFingerprint: string | undefined;
  const logprobs: TokenLogprob[] = [];
  let fileCount = 0;
  /** The index and type of the sound, once it began. */
  let sound: { readonly index: number; readonly mediaType: string } | undefined;
  let hasText = false;
  let splitter: ThinkSplitter | undefined;
  const calls = createCallReader(profile.id);
  const textChunks = createChunkTemplate();

  function push({ event, data, status }: ServerSentEvent): readonly ProviderEvent[] {
    const payload = data.trim();
    if (payload === '') return [];
    if (payload === '[DONE]') return finish();
    const content = event === undefined && status === undefined ? textChunks.textOf(payload) : undefined;
    if (content !== undefined) return emitText(content);
    const chunk = readJson(payload);
    if (typeof chunk !== 'object' || chunk === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} sent an event that is not JSON.`, { status });
    }
    if (event === 'error' || status !== undefined) throw toFailureFromBody(profile, object(chunk), status);
    const events = readChunk(object(chunk));
    textChunks.learn(payload, object(chunk));
    return events;
  }

  function readChunk(chunk: WireObject): readonly ProviderEvent[] {
    throwIfFailure(profile, chunk);
    const events: ProviderEvent[] = [];
    const choice = object(array(chunk['choices'])[0]);
    // Kimi and several proxies report usage inside the choice.
    usage = addUsage(usage, toUsage(profile, chunk['usage']) ?? toUsage(profile, choice['usage']));
    // A whole answer inside an event: a server that does not stream.
    const isFirst = !hasText && reasoning === '' && calls.count() === 0;
    const isWhole = isFirst && (!choice['delta'] || isComplete(choice));
    const delta = isWhole || typeof choice['text'] === 'string' ? messageOf(choice) : object(choice['delta']);
    // Proxies send chunks without an id first; the first one with an id starts the answer.
    id ??= nonEmptyString(chunk['id']);
    model ??= nonEmptyString(chunk['model']);
    if (!started && (id !== undefined || Object.keys(delta).length > 0)) {
      started = true;
      events.push({ type: 'started', id, model, created: unixSeconds(chunk['created']) });
    }
    serviceTier = nonEmptyString(chunk['service_tier']) ?? serviceTier;
    systemFingerprint ??= nonEmptyString(chunk['system_fingerprint']);
    if (choice['logprobs']) logprobs.push(...toLogprobs(object(choice['logprobs'])['content']));
    citations = addCitations(citations, citationsOf(chunk, delta));
    events.push(...readReasoning(reasoningText(delta)), ...readText(choice, delta), ...readFiles(delta));
    const refused = nonEmptyString(delta['refusal']);
    if (refused) refusal = (refusal ?? '') + refused;
    const called = toolCallsOf(delta);
    if (called.length > 0) events.push(...calls.read(called, id));
    rawFinishReason = nonEmptyString(choice['finish_reason']) ?? rawFinishReason;
    return events;
  }

  /** Perplexity's whole answers have an empty delta beside the message. */
  function isComplete({ delta, finish_reason }: WireObject): boolean {
    return nonEmptyString(finish_reason) !== undefined && !object(delta)['content'] && !object(delta)['tool_calls'];
  }

  function readFiles(delta: WireObject): readonly ProviderEvent[] {
    if (!delta['images'] && !delta['audio']) return [];
    const images = filesOf(delta).map((file) => ({ type: 'file' as const, index: fileCount++, ...file }));
    const audio = object(delta['audio']);
    const pieces = toAudio(audio).map(({ data, mediaType }): ProviderEvent => {
      sound ??= { index: fileCount++, mediaType };
      return { type: 'file', ...sound, data };
    });
    return [...images, ...emitText(string(audio['transcript']) ?? ''), ...pieces];
  }

  function readReasoning(thoughts: string): readonly ProviderEvent[] {
    if (thoughts === '') return [];
    // A host with a field for reasoning does not write it into the text as well.
    splitter ??= thinkSplitter(profile, model);
    return note([...(splitter?.stop() ?? []), { type: 'reasoning', text: thoughts }]);
  }

  function readText(choice: WireObject, delta: WireObject): readonly ProviderEvent[] {
    const content = contentText(delta['content']);
    // Perplexity repeats the text so far beside each delta; a last delta with all of it is no continuation.
    const isRepeated = hasText && content === string(object(choice['message'])['content']);
    return isRepeated ? [] : emitText(content);
  }

  function emitText(content: string): readonly ProviderEvent[] {
    if (content === '') return [];
    hasText = true;
    splitter ??= thinkSplitter(profile, model);
    return note(splitter?.push(content) ?? [{ type: 'content', text: content }]);
  }

  function note(events: readonly ProviderEvent[]): readonly ProviderEvent[] {
    for (const event of events) if (event.type === 'reasoning') reasoning += event.text;
    return events;
  }

  function finish(): readonly ProviderEvent[] {
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
        providerState: sealReasoning(profile, reasoning),
        ...(serviceTier && { serviceTier }),
        ...(systemFingerprint && { systemFingerprint }),
        ...(logprobs.length > 0 && { logprobs }),
      },
    ];
  }

  function end(): readonly ProviderEvent[] {
    // Some hosts leave out [DONE]; a finish reason ends the stream too.
    if (rawFinishReason !== undefined) return finish();
    throw truncated();
  }

  function truncated(): GatewayError {
    return new GatewayError('UPSTREAM_TRUNCATED', `The stream of ${profile.id} ended without a finish reason.`);
  }

  return { push, end, usage: () => usage };
}
