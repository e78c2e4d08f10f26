import type { ToolCall } from '../../core/chat.ts';
import type { Answer, Citation, FinishReason, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../failure.ts';
import { argumentsText, count, list, lookUp, record, text, type Wire, word } from '../lenient.ts';
import type { Profile } from './profile.ts';

export function decode(profile: Profile, body: unknown): Answer {
  const root = record(body);
  throwIfFailure(profile, root);
  const choice = record(list(root['choices'])[0]);
  const message = record(choice['message']);
  if (!list(root['choices']).length) {
    throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} answered without a choice.`);
  }
  const id = word(root['id']);
  const toolCalls = list(message['tool_calls']).map((call, index): ToolCall => {
    const wire = record(call);
    const called = record(wire['function']);
    return {
      id: callId(wire['id']) ?? madeUpCallId(id, index),
      name: word(called['name']) ?? '',
      arguments: argumentsText(called['arguments']),
    };
  });
  const refusal = word(message['refusal']);
  const rawFinishReason = word(choice['finish_reason']);
  return {
    id,
    model: word(root['model']),
    created: count(root['created']) || undefined,
    text: contentText(message['content']),
    reasoning: reasoningText(message),
    toolCalls,
    finishReason: toFinishReason(profile, rawFinishReason, toolCalls.length > 0, refusal !== undefined),
    rawFinishReason,
    refusal,
    citations: citationsOf(root, message),
    usage: toUsage(profile, root['usage']),
    providerState: undefined,
  };
}

/** Errors come with HTTP 200 too: as a whole body, as the first event of a stream or in its middle. */
export function throwIfFailure(profile: Profile, root: Wire): void {
  const failed = root['error'] !== undefined && root['error'] !== null && root['error'] !== '';
  const told = root['message'] !== undefined && (root['code'] !== undefined || root['object'] === 'error');
  const bare = root['choices'] === undefined && told;
  if (!failed && !bare) return;
  const inner = record(root['error']);
  const statuses = [inner['code'], inner['status'], root['raw_status_code'], root['code']];
  const status = statuses.find((code) => typeof code === 'number' && code >= 400);
  const failure = { status: typeof status === 'number' ? status : 200, headers: {}, body: JSON.stringify(root) };
  throw profile.toFailure?.(failure) ?? toFailure(profile.id, failure);
}

/** Mistral writes the word "null" where it has no id, in later pieces of a call above all. */
export function callId(value: unknown): string | undefined {
  return value === 'null' ? undefined : word(value);
}

/** Unique within an answer, and across the turns of a conversation as far as the provider's answer ids are. */
export function madeUpCallId(answerId: string | undefined, index: number): string {
  return `call_${answerId ?? 'parley'}_${index}`;
}

export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((part) => (record(part)['type'] === 'text' ? (text(record(part)['text']) ?? '') : ''))
    .join('');
}

export function reasoningText(message: Wire): string {
  return word(message['reasoning_content']) ?? word(message['reasoning']) ?? thinkingText(message['content']);
}

/** Thinking as parts of the content: `{type: 'thinking', thinking: [{type: 'text', text}]}`. */
function thinkingText(content: unknown): string {
  return list(content)
    .map((part) => contentText(record(part)['thinking']))
    .join('');
}

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

export function citationsOf(root: Wire, message: Wire): readonly Citation[] {
  const annotated = list(message['annotations']).flatMap((annotation): Citation[] => {
    const cited = record(record(annotation)['url_citation']);
    const url = word(cited['url']);
    return url ? [{ url, title: word(cited['title']), text: undefined }] : [];
  });
  if (annotated.length > 0) return annotated;
  const results = list(root['search_results']).map(record);
  return list(root['citations']).flatMap((url): Citation[] => {
    if (typeof url !== 'string') return [];
    const result = results.find((candidate) => candidate['url'] === url);
    return [{ url, title: word(result?.['title']), text: word(result?.['snippet']) }];
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
  const outputTokens = outside ? (completion ?? 0) + (reasoning ?? 0) : completion;
  const inputTokens = cached !== undefined && prompt !== undefined && cached > prompt ? prompt + cached : prompt;
  const corrected = outside && profile.reasoningTokens === 'outside_when_larger' ? (reasoning ?? 0) : 0;
  const total = count(usage['total_tokens']);
  return {
    inputTokens,
    outputTokens,
    totalTokens: total === undefined ? (inputTokens ?? 0) + (outputTokens ?? 0) : total + corrected,
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
