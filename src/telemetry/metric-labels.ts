import type { Model } from '../core/model.ts';
import { isSafeName } from './safe-name.ts';

/** Stands for names that callers made up. */
const other = 'other';

/** Maximum models beyond the catalogue that get a label: the first ones that answer. */
const maxLearnt = 200;

type Target = { readonly provider: string; readonly model: string };

type Listed = {
  readonly providers: readonly { readonly id: string }[];
  readonly models: readonly Pick<Model, 'id'>[];
};

/** Metric labels from a bounded set, whatever callers request. */
export type MetricLabels = {
  of(target: Target & { readonly code: string | undefined }): Target;
};

/** Labels for listed providers and models, and for some unlisted models that have answered. All others are "other". */
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
