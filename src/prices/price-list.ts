import { billableTokens, costAtPrice, type PriceList } from '../core/cost.ts';
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
    costOf(provider, model, usage) {
      const charged = billableTokens(usage);
      if (!charged) return undefined;
      const id = `${provider}/${model}`;
      const ours = own.get(id);
      if (ours) return costAtPrice(ours, charged);
      const exact = listed.get(id);
      const bundled = agreeing(bundledPrice(provider, model, clock.date(), charged), exact);
      if (bundled) return bundled.cost;
      return exact && costAtPrice(exact, charged);
    },
  };
}

function agreeing(bundled: BundledPrice | undefined, exact: Pricing | undefined): BundledPrice | undefined {
  const agrees = !exact || bundled?.all.some(({ input, output }) => input === exact.input && output === exact.output);
  return agrees ? bundled : undefined;
}
