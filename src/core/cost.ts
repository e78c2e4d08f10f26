import type { Cost, MediaTokens, Usage } from './completion.ts';
import type { Pricing } from './model.ts';

/** Model prices. An unknown price yields no cost, never a guess. */
export type PriceList = {
  /** The current price, base tier. */
  pricingOf(provider: string, model: string): Pricing | undefined;
  /**
   * The current cost of a usage, with tiers, cached input and time-dependent prices. Unknown for a service tier without a
   * price of its own.
   */
  costOf(provider: string, model: string, usage: Usage, serviceTier?: string): Cost | undefined;
};

/** Tokens by what they are billed as. */
export type BillableTokens = {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
  /** Searches of the provider's own tool, which have a price each. */
  readonly webSearches?: number;
  /** Among input and output. */
  readonly media?: MediaTokens;
};

/** The billable tokens of a usage. Undefined where it reports too little or contradicts itself. */
export function billableTokens({ billed, isPartial, ...usage }: Usage): BillableTokens | undefined {
  if (billed) return { cacheRead: 0, cacheWrite: 0, reasoning: 0, ...billed };
  const { inputTokens: input } = usage;
  // A broken stream may not report its output; the input is used all the same.
  const output = usage.outputTokens ?? (isPartial ? 0 : undefined);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = usage.cacheReadInputTokens ?? 0;
  const cacheWrite = usage.cacheWriteInputTokens ?? 0;
  const reasoning = usage.reasoningOutputTokens ?? 0;
  if (cacheRead + cacheWrite > input || (reasoning > output && !isPartial)) return undefined;
  const webSearches = usage.serverToolCalls?.web_search ?? 0;
  const tokens = { input, cacheRead, cacheWrite, output, reasoning: Math.min(reasoning, output) };
  const { mediaTokens: media } = usage;
  return { ...tokens, ...(webSearches > 0 && { webSearches }), ...(media && { media }) };
}

const million = 1_000_000;
const thousand = 1_000;

/** The cost at a price of one tier. */
export function costAtPrice(
  { input, output, cachedInput, cacheWrite, webSearch, source, asOf }: Pricing,
  charged: BillableTokens,
): Cost | undefined {
  const { cacheRead: read, cacheWrite: written } = charged;
  if ((read > 0 && cachedInput === undefined) || (written > 0 && cacheWrite === undefined)) return undefined;
  const { webSearches: searches = 0 } = charged;
  if (searches > 0 && webSearch === undefined) return undefined;
  const searchCost = (searches * (webSearch ?? 0)) / thousand;
  const plain = charged.input - read - written;
  const inputCost = (plain * input + read * (cachedInput ?? 0) + written * (cacheWrite ?? 0)) / million;
  const outputCost = (charged.output * output) / million;
  const cost = toCost(inputCost + outputCost + searchCost, inputCost, outputCost, { source, asOf });
  return withSaving(cost, charged, input);
}

/** Adds what the cache saved, against the list price of input in USD per million tokens. */
export function withSaving(cost: Cost, { input, cacheRead, cacheWrite }: BillableTokens, listPrice: number): Cost {
  if (cacheRead === 0 && cacheWrite === 0) return cost;
  return { ...cost, saved: toMoney((input * listPrice) / million - cost.input) };
}

/** The cost with all its parts multiplied. */
export function scaleCost(cost: Cost, factor: number): Cost {
  const { saved } = cost;
  const sums = {
    total: toMoney(cost.total * factor),
    input: toMoney(cost.input * factor),
    output: toMoney(cost.output * factor),
  };
  return { ...cost, ...sums, ...(saved !== undefined && { saved: toMoney(saved * factor) }) };
}

export function toCost(
  total: number,
  input: number,
  output: number,
  { source, asOf }: Pick<Pricing, 'source' | 'asOf'>,
): Cost {
  const sums = { total: toMoney(total), input: toMoney(input), output: toMoney(output) };
  return { ...sums, currency: 'USD', priceSource: source, pricedAt: asOf };
}

/** Rounds to 1e-12 USD to drop floating-point noise. */
function toMoney(sum: number): number {
  return Math.round(sum * 1e12) / 1e12;
}
