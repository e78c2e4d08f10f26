import type { Cost, Usage } from './completion.ts';
import type { Pricing } from './model.ts';

const million = 1_000_000;

/** What an answer cost by the price list, or nothing: a price or a count that is not known is never guessed. */
export function costOf(usage: Usage | undefined, pricing: Pricing | undefined): Cost | undefined {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined || !pricing) return undefined;
  const cached = usage.cacheReadInputTokens ?? 0;
  // Price lists here have no price for cache writes, which some providers charge above plain input.
  if (usage.cacheWriteInputTokens || (cached > 0 && pricing.cachedInput === undefined)) return undefined;
  const input = ((usage.inputTokens - cached) * pricing.input + cached * (pricing.cachedInput ?? 0)) / million;
  const output = (usage.outputTokens * pricing.output) / million;
  return { total: input + output, input, output, currency: 'USD', priceSource: pricing.source, pricedAt: pricing.asOf };
}
