import type { Cost, Usage } from '../core/completion.ts';
import { billableTokens, costAtPrice, type PriceList, scaleCost } from '../core/cost.ts';
import type { ModelFacts, Pricing } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import { type BundledPrice, bundledPrice } from './bundled.ts';

export type PriceSources = {
  /** From the configuration, by "provider/model". */
  readonly own: ReadonlyMap<string, Pricing>;
  readonly catalog: readonly ModelFacts[];
  readonly clock: Pick<Clock, 'date'>;
};

/**
 * The operator's prices come first, then the package's, which know tiers, cached input and times of day. The package
 * matches models by patterns and the catalogue by ids: where both have different prices, the catalogue's are used.
 */
export function createPriceList({ own, catalog, clock }: PriceSources): PriceList {
  const listed = new Map(
    catalog.flatMap(({ provider, name, pricing }) => (pricing ? [[`${provider}/${name}`, pricing]] : [])),
  );

  return {
    pricingOf(provider, model) {
      const id = `${provider}/${model}`;
      const exact = listed.get(id);
      return own.get(id) ?? agreeing(bundledPrice(provider, model, clock.date()), exact)?.pricing ?? exact;
    },
    costOf(provider, model, usage, serviceTier) {
      const factor = tierFactor(provider, own.get(`${provider}/${model}`), serviceTier);
      const cost = factor === undefined ? undefined : standardCost(provider, model, usage);
      return cost && factor !== undefined && factor !== 1 ? scaleCost(cost, factor) : cost;
    },
  };

  function standardCost(provider: string, model: string, usage: Usage): Cost | undefined {
    const charged = billableTokens(usage);
    if (!charged) return undefined;
    const id = `${provider}/${model}`;
    const ours = own.get(id);
    if (ours) return costAtPrice(ours, charged);
    const exact = listed.get(id);
    const bundled = agreeing(bundledPrice(provider, model, clock.date(), charged), exact);
    if (bundled) return bundled.cost;
    return exact && costAtPrice(exact, charged);
  }
}

/** Service tiers at the list price. A provider that has no others may name them otherwise. */
const standardTiers: ReadonlySet<string> = new Set(['default', 'standard', 'auto', 'on_demand']);

/** Flex costs half, as batches do (platform.openai.com/docs/guides/flex-processing, ai.google.dev/gemini-api/docs/flex-inference). */
const knownTiers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  openai: { flex: 0.5 },
  google: { flex: 0.5 },
};

/** How many times the list price a service tier costs. Undefined where that is not known. */
function tierFactor(provider: string, own: Pricing | undefined, tier: string | undefined): number | undefined {
  if (tier === undefined || standardTiers.has(tier)) return 1;
  const configured = own?.serviceTiers && Object.hasOwn(own.serviceTiers, tier) ? own.serviceTiers[tier] : undefined;
  if (configured !== undefined) return configured;
  const known = Object.hasOwn(knownTiers, provider) ? knownTiers[provider] : undefined;
  return known && Object.hasOwn(known, tier) ? known[tier] : undefined;
}

function agreeing(bundled: BundledPrice | undefined, exact: Pricing | undefined): BundledPrice | undefined {
  const agrees = !exact || bundled?.all.some(({ input, output }) => input === exact.input && output === exact.output);
  return agrees ? bundled : undefined;
}
