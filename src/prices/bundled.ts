import { calcPrice, type ModelPrice } from '@pydantic/genai-prices';
import type { Cost } from '../core/completion.ts';
import { type Charged, toCost } from '../core/cost.ts';
import type { Pricing } from '../core/model.ts';

/** The one place that knows genai-prices. Its prices are part of the package: nothing is fetched. */

/** Its data tells no date of its own; this is that of its release. */
export const bundledVersion = '0.1.8';
const source = { source: `genai-prices ${bundledVersion}`, asOf: '2026-09-23' };

/** Our ids for its. Of other providers it knows nothing, or prices that are not theirs. */
const providerIds: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  mistral: 'mistral',
  cohere: 'cohere',
  deepseek: 'deepseek',
  xai: 'x-ai',
  google: 'google',
  perplexity: 'perplexity',
};

/** What it says of a model at a moment. */
export type BundledPrice = {
  readonly pricing: Pricing;
  /** Every base price that it knows of the model, for whichever time. */
  readonly all: readonly Pricing[];
  readonly cost: Cost | undefined;
};

const nothing: Charged = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

export function bundledPrice(
  provider: string,
  model: string,
  at: Date,
  charged: Charged = nothing,
): BundledPrice | undefined {
  const providerId = providerIds[provider];
  if (!providerId) return undefined;
  const usage = {
    input_tokens: charged.input,
    cache_read_tokens: charged.cacheRead,
    cache_write_tokens: charged.cacheWrite,
    output_tokens: charged.output,
    output_reasoning_tokens: charged.reasoning,
  };
  const found = calcPrice(usage, model, { providerId, timestamp: at });
  const pricing = found && toPricing(found.model_price);
  if (!found || !pricing) return undefined;
  const { prices } = found.model;
  const all = (Array.isArray(prices) ? prices.map((one) => toPricing(one.prices)) : [pricing]).filter(
    (one) => one !== undefined,
  );
  const { total_price: total, input_price: input, output_price: output } = found;
  return { pricing, all, cost: isPriced(charged, pricing) ? toCost(total, input, output, source) : undefined };
}

/** It would take cached input without a price of its own for plain input. */
function isPriced({ cacheRead, cacheWrite }: Charged, { cachedInput, cacheWrite: written }: Pricing): boolean {
  return !(cacheRead > 0 && cachedInput === undefined) && !(cacheWrite > 0 && written === undefined);
}

function toPricing(price: ModelPrice): Pricing | undefined {
  const [input, output] = [base(price['input_mtok']), base(price['output_mtok'])];
  if (input === undefined || output === undefined) return undefined;
  const [cachedInput, cacheWrite] = [base(price['cache_read_mtok']), base(price['cache_write_mtok'])];
  return {
    input,
    output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...source,
  };
}

function base(price: ModelPrice[string]): number | undefined {
  return typeof price === 'object' ? price.base : price;
}
