import { calcPrice, type ModelPrice } from '@pydantic/genai-prices';
import { LRUCache } from 'lru-cache';
import type { Cost } from '../core/completion.ts';
import { type BillableTokens, costAtPrice, toCost, withSaving } from '../core/cost.ts';
import type { Pricing } from '../core/model.ts';

/** The only use of genai-prices. Its data is part of the package: nothing is fetched. */

/** The package's release date: its data has no date of its own. */
export const bundledVersion = '0.1.8';
const source = { source: `genai-prices ${bundledVersion}`, asOf: '2026-09-23' };

/** The package's ids for our providers. Other providers are missing there, or have prices that are not theirs. */
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

/** The package's data for a model at a time. */
export type BundledPrice = {
  readonly pricing: Pricing;
  /** Every base price of the model, for all times. */
  readonly all: readonly Pricing[];
  readonly cost: Cost | undefined;
};

const nothing: BillableTokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** A price that does not change with time; undefined for an unknown model. */
type CachedPrice = { readonly price: ModelPrice | undefined };

/**
 * Finding a model's price takes as long as a tenth of a request. Callers choose model names, so the cache is bounded.
 */
const cachedPrices = new LRUCache<string, CachedPrice>({ max: 1000 });

export function bundledPrice(
  provider: string,
  model: string,
  at: Date,
  charged: BillableTokens = nothing,
): BundledPrice | undefined {
  const providerId = providerIds[provider];
  if (!providerId) return undefined;
  const id = `${providerId}/${model}`;
  const known = cachedPrices.get(id);
  if (!known || charged.media) return lookUp(id, providerId, model, at, charged);
  const pricing = known.price && toPricing(known.price);
  const charging = known.price && toPricing(known.price, charged.input);
  return pricing && charging && { pricing, all: [pricing], cost: costAtPrice(charging, charged) };
}

function lookUp(
  id: string,
  providerId: string,
  model: string,
  at: Date,
  charged: BillableTokens,
): BundledPrice | undefined {
  const usage = {
    input_tokens: charged.input,
    cache_read_tokens: charged.cacheRead,
    cache_write_tokens: charged.cacheWrite,
    output_tokens: charged.output,
    output_reasoning_tokens: charged.reasoning,
    ...(charged.webSearches !== undefined && { web_searches: charged.webSearches }),
    ...(charged.media?.inputAudio && { input_audio_tokens: charged.media.inputAudio }),
    ...(charged.media?.outputAudio && { output_audio_tokens: charged.media.outputAudio }),
    ...(charged.media?.outputImage && { output_image_tokens: charged.media.outputImage }),
  };
  const found = calcPrice(usage, model, { providerId, timestamp: at });
  const price = found ? withOutput(model, found.model_price) : undefined;
  const pricing = price && toPricing(price);
  const isCacheable = !found || (!Array.isArray(found.model.prices) && isByTokens(found.model_price));
  if (isCacheable) cachedPrices.set(id, { price });
  if (!found || !price || !pricing) return undefined;
  const { prices } = found.model;
  const all = (Array.isArray(prices) ? prices.map((one) => toPricing(one.prices)) : [pricing]).filter(
    (one) => one !== undefined,
  );
  const { total_price: total, input_price: input, output_price: output } = found;
  const cost = isPriced(charged, pricing) ? toCost(total, input, output, source) : undefined;
  const listed = toPricing(price, charged.input);
  return { pricing, all, cost: cost && listed && withSaving(cost, charged, listed.input) };
}

/** Embeddings write no tokens, so that the package has no price of any. For other models it would be unknown. */
function withOutput(model: string, price: ModelPrice): ModelPrice {
  return model.includes('embed') && price['output_mtok'] === undefined ? { ...price, output_mtok: 0 } : price;
}

const tokens: ReadonlySet<string> = new Set(['input_mtok', 'output_mtok', 'cache_read_mtok', 'cache_write_mtok']);
/** Usage that no request reports. */
const unused: ReadonlySet<string> = new Set([
  'cache_write_1h_mtok',
  'input_audio_mtok',
  'cache_audio_read_mtok',
  'web_searches_kcount',
  'storage_searches_kcount',
]);

/** Whether only tokens are charged: there may be prices per request or per kind of token. */
function isByTokens(price: ModelPrice): boolean {
  return Object.keys(price).every((unit) => tokens.has(unit) || unused.has(unit));
}

/** The package would charge cached input without a price of its own as plain input. */
function isPriced(
  { cacheRead, cacheWrite, webSearches = 0 }: BillableTokens,
  { cachedInput, cacheWrite: written, webSearch }: Pricing,
): boolean {
  if (webSearches > 0 && webSearch === undefined) return false;
  return !(cacheRead > 0 && cachedInput === undefined) && !(cacheWrite > 0 && written === undefined);
}

/** With this many input tokens, which decide the tier. */
function toPricing(price: ModelPrice, inputTokens = 0): Pricing | undefined {
  const of = (unit: string) => at(price[unit], inputTokens);
  const [input, output] = [of('input_mtok'), of('output_mtok')];
  if (input === undefined || output === undefined) return undefined;
  const [cachedInput, cacheWrite] = [of('cache_read_mtok'), of('cache_write_mtok')];
  const webSearch = of('web_searches_kcount');
  return {
    input,
    output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(webSearch !== undefined && { webSearch }),
    ...source,
  };
}

function at(price: ModelPrice[string], inputTokens: number): number | undefined {
  if (typeof price !== 'object') return price;
  return price.tiers.findLast(({ start }) => inputTokens > start)?.price ?? price.base;
}
