import type { Model } from '../core/model.ts';

/** What stands for everything that callers made up. */
const other = 'other';

/** Labels of a metric, and groups of a count: a closed set, whatever callers ask for. */
export type Labels = {
  of(target: { readonly provider: string; readonly model: string }): {
    readonly provider: string;
    readonly model: string;
  };
};

/** Providers and models that this gateway lists; the rest, which callers may name as they like, is one. */
export function createLabels(
  providers: readonly { readonly id: string }[],
  models: readonly Pick<Model, 'id'>[],
): Labels {
  const ids = new Set(providers.map(({ id }) => id));
  const known = new Set(models.map(({ id }) => id));
  return {
    of: ({ provider, model }) => ({
      provider: ids.has(provider) ? provider : other,
      model: known.has(`${provider}/${model}`) ? model : other,
    }),
  };
}
