import type { Citation, FinishReason, Usage } from '../../core/completion.ts';
import { count, list, lookUp, record, type Wire, word } from '../read-json.ts';
import type { Profile } from './profile.ts';

/** How an answer ended, what it rests on and what it took. */

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
  // Several hosts say "stop", or nothing, when the model called tools.
  if (hasToolCalls && (raw === undefined || raw === 'stop')) return 'tool_call';
  if (raw === undefined) return 'other';
  return lookUp(profile.finishReasons, raw) ?? lookUp(finishReasons, raw) ?? 'other';
}

const none: readonly Citation[] = [];

export function citationsOf(root: Wire, message: Wire): readonly Citation[] {
  // Asked of each chunk, and nearly always so.
  if (!message['annotations'] && !root['search_results'] && !root['citations']) return none;
  const annotated = list(message['annotations']).flatMap((annotation): Citation[] => {
    const cited = record(record(annotation)['url_citation']);
    const url = word(cited['url']);
    return url ? [{ url, title: word(cited['title']), text: undefined }] : [];
  });
  if (annotated.length > 0) return annotated;
  const results = list(root['search_results']).map(record);
  // In the order of the marks [1], [2] in the text.
  const urls = Array.isArray(root['citations']) ? root['citations'] : results.map(({ url }) => url);
  return urls.flatMap((given): Citation[] => {
    const url = word(given);
    const result = results.find((candidate) => candidate['url'] === url);
    return url ? [{ url, title: word(result?.['title']), text: word(result?.['snippet']) }] : [];
  });
}

export function toUsage(profile: Profile, value: unknown): Usage | undefined {
  const usage = record(value);
  const prompt = count(usage['prompt_tokens']);
  const completion = count(usage['completion_tokens']);
  if (prompt === undefined && completion === undefined) return undefined;
  const promptDetails = record(usage['prompt_tokens_details']);
  const cached =
    count(promptDetails['cached_tokens']) ??
    count(usage['prompt_cache_hit_tokens']) ??
    count(usage['num_cached_tokens']) ??
    count(record(usage['prompt_token_details'])['cached_tokens']);
  const written = count(promptDetails['cache_write_tokens']) ?? count(promptDetails['cache_creation_input_tokens']);
  const reasoning =
    count(record(usage['completion_tokens_details'])['reasoning_tokens']) ?? count(usage['reasoning_tokens']);
  const outside = isOutside(profile, completion ?? 0, reasoning ?? 0);
  const outputTokens = outside && completion !== undefined ? completion + (reasoning ?? 0) : completion;
  const inputTokens = cached !== undefined && prompt !== undefined && cached > prompt ? prompt + cached : prompt;
  const corrected = outside && profile.reasoningTokens === 'outside_when_larger' ? (reasoning ?? 0) : 0;
  const total = count(usage['total_tokens']);
  const sum = inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  return {
    inputTokens,
    outputTokens,
    totalTokens: total === undefined ? sum : total + corrected,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: written,
    reasoningOutputTokens: reasoning,
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
