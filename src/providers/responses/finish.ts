import type { Cost, FinishReason, Usage, Warning } from '../../core/completion.ts';
import { count, list, record, unixSeconds, type Wire, word } from '../read-json.ts';

/** How an answer ended, and what it took. */

export function rawFinishReason({ status, incomplete_details }: Wire): string | undefined {
  return word(record(incomplete_details)['reason']) ?? word(status);
}

export function toFinishReason(response: Wire, hasCalls: boolean, hasRefusal: boolean): FinishReason {
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
  const usage = record(value);
  const input = count(usage['input_tokens']);
  const output = count(usage['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const details = record(usage['input_tokens_details']);
  const cached = count(details['cache_read_input_tokens']) ?? count(details['cached_tokens']);
  // xAI counts them apart at times, as on its other wire.
  const inputTokens = cached !== undefined && input !== undefined && cached > input ? input + cached : input;
  const sum = inputTokens === undefined || output === undefined ? undefined : inputTokens + output;
  return {
    inputTokens,
    outputTokens: output,
    totalTokens: count(usage['total_tokens']) ?? sum,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: count(details['cache_creation_input_tokens']) ?? count(details['cache_write_tokens']),
    reasoningOutputTokens: count(record(usage['output_tokens_details'])['reasoning_tokens']),
  };
}

/** What Perplexity says that it charges: searches too, which have no price by tokens. Its day is that of the answer. */
export function toCost(provider: string, { usage, created_at }: Wire): Cost | undefined {
  const cost = record(record(usage)['cost']);
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

/** Reasoning that was sent back and left out in silence: made for another organization, model or user, or out of place. */
export function transformationWarnings({ input_transformations }: Wire): Warning[] {
  const reasons = list(input_transformations).flatMap((one) => {
    const { action, reason } = record(one);
    return action === 'removed' ? [word(reason) ?? 'no reason told'] : [];
  });
  if (reasons.length === 0) return [];
  const message = `The provider left the reasoning of an earlier turn out (${[...new Set(reasons)].join(', ')})`;
  return [{ option: 'messages', message }];
}
