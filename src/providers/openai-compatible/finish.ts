import type { Citation, FinishReason, Usage } from '../../core/completion.ts';
import { placesOf } from '../add-citations.ts';
import { toMediaTokens } from '../media-tokens.ts';
import { array, lookUp, nonEmptyString, object, tokenCount, type WireObject } from '../read-json.ts';
import type { Profile } from './profile.ts';

/** Finish reason, citations and usage. */

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool_call',
  function_call: 'tool_call',
  content_filter: 'content_filter',
  error: 'error',
};

export function toFinishReason(
  profile: Profile,
  raw: string | undefined,
  hasToolCalls: boolean,
  hasRefusal: boolean,
): FinishReason {
  if (hasRefusal) return 'content_filter';
  // Several hosts send "stop" or nothing when the model called tools.
  if (hasToolCalls && (raw === undefined || raw === 'stop')) return 'tool_call';
  if (raw === undefined) return 'other';
  return lookUp(profile.finishReasons, raw) ?? lookUp(finishReasons, raw) ?? 'other';
}

const none: readonly Citation[] = [];

export function citationsOf(root: WireObject, message: WireObject): readonly Citation[] {
  // Checked for each chunk, and true for nearly all.
  if (!message['annotations'] && !root['search_results'] && !root['citations']) return none;
  const annotated = array(message['annotations']).flatMap((annotation): Citation[] => {
    const cited = object(object(annotation)['url_citation']);
    const url = nonEmptyString(cited['url']);
    const places = placesOf(cited['start_index'], cited['end_index']);
    return url ? [{ url, title: nonEmptyString(cited['title']), text: undefined, ...places }] : [];
  });
  if (annotated.length > 0) return annotated;
  const results = array(root['search_results']).map(object);
  // In the order of the marks [1], [2] in the text.
  const urls = Array.isArray(root['citations']) ? root['citations'] : results.map(({ url }) => url);
  return urls.flatMap((given): Citation[] => {
    const url = nonEmptyString(given);
    const result = results.find((candidate) => candidate['url'] === url);
    return url ? [{ url, title: nonEmptyString(result?.['title']), text: nonEmptyString(result?.['snippet']) }] : [];
  });
}

/** Later counts replace earlier ones, but neither null nor 0 replaces a known one. */
export function addUsage(known: Usage | undefined, next: Usage | undefined): Usage | undefined {
  if (!known || !next) return next ?? known;
  const keep = (field: 'inputTokens' | 'outputTokens' | 'totalTokens') => next[field] || known[field];
  return {
    inputTokens: keep('inputTokens'),
    outputTokens: keep('outputTokens'),
    totalTokens: keep('totalTokens'),
    cacheReadInputTokens: next.cacheReadInputTokens ?? known.cacheReadInputTokens,
    cacheWriteInputTokens: next.cacheWriteInputTokens ?? known.cacheWriteInputTokens,
    reasoningOutputTokens: next.reasoningOutputTokens ?? known.reasoningOutputTokens,
    ...((next.serverToolCalls ?? known.serverToolCalls) && {
      serverToolCalls: { ...known.serverToolCalls, ...next.serverToolCalls },
    }),
    ...((next.mediaTokens ?? known.mediaTokens) && {
      mediaTokens: { ...known.mediaTokens, ...next.mediaTokens },
    }),
  };
}

export function toUsage(profile: Profile, value: unknown): Usage | undefined {
  const usage = object(value);
  const prompt = tokenCount(usage['prompt_tokens']);
  const completion = tokenCount(usage['completion_tokens']);
  if (prompt === undefined && completion === undefined) return undefined;
  const promptDetails = object(usage['prompt_tokens_details']);
  const cached =
    tokenCount(promptDetails['cached_tokens']) ??
    tokenCount(usage['prompt_cache_hit_tokens']) ??
    tokenCount(usage['num_cached_tokens']) ??
    tokenCount(object(usage['prompt_token_details'])['cached_tokens']);
  const written =
    tokenCount(promptDetails['cache_write_tokens']) ?? tokenCount(promptDetails['cache_creation_input_tokens']);
  const reasoning =
    tokenCount(object(usage['completion_tokens_details'])['reasoning_tokens']) ?? tokenCount(usage['reasoning_tokens']);
  const outside = isOutside(profile, completion ?? 0, reasoning ?? 0);
  const outputTokens = outside && completion !== undefined ? completion + (reasoning ?? 0) : completion;
  const inputTokens = cached !== undefined && prompt !== undefined && cached > prompt ? prompt + cached : prompt;
  const corrected = outside && profile.reasoningTokens === 'outside_when_larger' ? (reasoning ?? 0) : 0;
  // Qwen's.
  const searches = tokenCount(object(object(usage['plugins'])['search'])['count']);
  const total = tokenCount(usage['total_tokens']);
  const sum = inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  return {
    inputTokens,
    outputTokens,
    totalTokens: total === undefined ? sum : total + corrected,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: written,
    reasoningOutputTokens: reasoning,
    ...(searches !== undefined && { serverToolCalls: { web_search: searches } }),
    ...toMediaTokens({
      inputAudio: tokenCount(promptDetails['audio_tokens']),
      outputAudio: tokenCount(object(usage['completion_tokens_details'])['audio_tokens']),
    }),
  };
}

function isOutside({ reasoningTokens = 'inside' }: Profile, completion: number, reasoning: number): boolean {
  switch (reasoningTokens) {
    case 'inside':
      return false;
    case 'outside':
      return true;
    case 'outside_when_larger':
      return reasoning > completion;
  }
}
