import type { Model } from '../core/model.ts';
import { isSafeName } from './safe-name.ts';

/** What stands for everything that callers made up. */
const other = 'other';

/** Models beyond the catalogue that get a name here, the first that answer. */
const maxLearnt = 200;

type Target = { readonly provider: string; readonly model: string };

type Listed = {
  readonly providers: readonly { readonly id: string }[];
  readonly models: readonly Pick<Model, 'id'>[];
};

/** Labels of a metric, and groups of a count: a bounded set, whatever callers ask for. */
export type MetricLabels = {
  of(target: Target & { readonly code: string | undefined }): Target;
};

/**
 * Providers and models that this gateway lists or has listed, and some of those that it does not: one that has answered is
 * there, and not just made up. The rest is one.
 */
export function createMetricLabels(): MetricLabels & { list(more: Listed): void } {
  const ids = new Set<string>();
  const listed = new Set<string>();
  const learnt = new Set<string>();

  function isKnown(id: string, hasAnswered: boolean): boolean {
    if (hasAnswered && !listed.has(id) && learnt.size < maxLearnt && isSafeName(id)) learnt.add(id);
    return listed.has(id) || learnt.has(id);
  }

  return {
    list({ providers, models }) {
      for (const { id } of providers) ids.add(id);
      for (const { id } of models) listed.add(id);
    },
    of: ({ provider, model, code }) => ({
      provider: ids.has(provider) ? provider : other,
      model: isKnown(`${provider}/${model}`, code === undefined) ? model : other,
    }),
  };
}
