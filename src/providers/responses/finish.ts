import type { Cost, FinishReason, Usage, Warning } from '../../core/completion.ts';
import { array, nonEmptyString, object, tokenCount, unixSeconds, type WireObject } from '../read-json.ts';

/** Finish reason and usage. */

export function rawFinishReason({ status, incomplete_details }: WireObject): string | undefined {
  return nonEmptyString(object(incomplete_details)['reason']) ?? nonEmptyString(status);
}

export function toFinishReason(response: WireObject, hasCalls: boolean, hasRefusal: boolean): FinishReason {
  switch (rawFinishReason(response)) {
    case 'max_output_tokens':
    case 'length':
      return 'length';
    case 'content_filter':
      return 'content_filter';
    case undefined:
    case 'completed':
    case 'requires_action':
      if (hasCalls) return 'tool_call';
      return hasRefusal ? 'content_filter' : 'stop';
    default:
      return 'other';
  }
}

export function toUsage(value: unknown): Usage | undefined {
  const usage = object(value);
  const input = tokenCount(usage['input_tokens']);
  const output = tokenCount(usage['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const details = object(usage['input_tokens_details']);
  const cached = tokenCount(details['cache_read_input_tokens']) ?? tokenCount(details['cached_tokens']);
  // xAI counts them apart at times, as on its Chat Completions.
  const inputTokens = cached !== undefined && input !== undefined && cached > input ? input + cached : input;
  const sum = inputTokens === undefined || output === undefined ? undefined : inputTokens + output;
  return {
    inputTokens,
    outputTokens: output,
    totalTokens: tokenCount(usage['total_tokens']) ?? sum,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens:
      tokenCount(details['cache_creation_input_tokens']) ?? tokenCount(details['cache_write_tokens']),
    reasoningOutputTokens: tokenCount(object(usage['output_tokens_details'])['reasoning_tokens']),
  };
}

/** What Perplexity says it charges, searches included, which have no price by tokens. Dated by the answer. */
export function toCost(provider: string, { usage, created_at }: WireObject): Cost | undefined {
  const cost = object(object(usage)['cost']);
  const seconds = unixSeconds(created_at);
  const [total, output] = [amount(cost['total_cost']), amount(cost['output_cost'])];
  if (cost['currency'] !== 'USD' || total === undefined || output === undefined || !seconds) return undefined;
  const inputs = ['input_cost', 'cache_read_cost', 'cache_creation_cost'].map((part) => amount(cost[part]) ?? 0);
  const input = inputs.reduce((sum, part) => sum + part, 0);
  const pricedAt = new Date(seconds * 1000).toISOString().slice(0, 10);
  return { total, input, output, currency: 'USD', priceSource: provider, pricedAt };
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/**
 * Reasoning that the provider dropped without an error: made for another organization, model or user, or out of place.
 */
export function transformationWarnings({ input_transformations }: WireObject): Warning[] {
  const reasons = array(input_transformations).flatMap((one) => {
    const { action, reason } = object(one);
    return action === 'removed' ? [nonEmptyString(reason) ?? 'no reason given'] : [];
  });
  if (reasons.length === 0) return [];
  const message = `The provider dropped the reasoning of an earlier turn (${[...new Set(reasons)].join(', ')})`;
  return [{ option: 'messages', message }];
}
