import type { Cost, Usage } from './completion.ts';
import type { Pricing } from './model.ts';

/** What models cost. Nothing is told of a price that is not known: no cost is better than a guess. */
export type PriceList = {
  /** The price of now, base tier. */
  pricingOf(provider: string, model: string): Pricing | undefined;
  /** What so many tokens cost now, with tiers, cached input and whatever else a price depends on. */
  costOf(provider: string, model: string, usage: Usage): Cost | undefined;
};

/** Tokens that are charged for, with what is known about each of them. */
export type BillableTokens = {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
};

/** What a provider charges for of a usage; or nothing, where it tells too little or what cannot be. */
export function billableTokens({ billed, isPartial, ...usage }: Usage): BillableTokens | undefined {
  if (billed) return { cacheRead: 0, cacheWrite: 0, reasoning: 0, ...billed };
  const { inputTokens: input } = usage;
  // What broke off may not have come to the count of its output: the input is spent all the same.
  const output = usage.outputTokens ?? (isPartial ? 0 : undefined);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = usage.cacheReadInputTokens ?? 0;
  const cacheWrite = usage.cacheWriteInputTokens ?? 0;
  const reasoning = usage.reasoningOutputTokens ?? 0;
  if (cacheRead + cacheWrite > input || (reasoning > output && !isPartial)) return undefined;
  return { input, cacheRead, cacheWrite, output, reasoning: Math.min(reasoning, output) };
}

const million = 1_000_000;

/** The cost by a price list of one tier. */
export function costAtPrice(
  { input, output, cachedInput, cacheWrite, source, asOf }: Pricing,
  charged: BillableTokens,
): Cost | undefined {
  const { cacheRead: read, cacheWrite: written } = charged;
  if ((read > 0 && cachedInput === undefined) || (written > 0 && cacheWrite === undefined)) return undefined;
  const plain = charged.input - read - written;
  const inputCost = (plain * input + read * (cachedInput ?? 0) + written * (cacheWrite ?? 0)) / million;
  const outputCost = (charged.output * output) / million;
  return toCost(inputCost + outputCost, inputCost, outputCost, { source, asOf });
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

/** To a millionth of a millionth: what is behind that is not of the price, but of how numbers are kept. */
function toMoney(sum: number): number {
  return Math.round(sum * 1e12) / 1e12;
}
