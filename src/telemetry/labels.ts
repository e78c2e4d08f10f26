import type { Model } from '../core/model.ts';
import { isPlainName } from './names.ts';

/** What stands for everything that callers made up. */
const other = 'other';

/** Models beyond the catalogue that get a name here, the first that answer. */
const maxLearnt = 200;

type Target = { readonly provider: string; readonly model: string };

/** Labels of a metric, and groups of a count: a bounded set, whatever callers ask for. */
export type Labels = {
  of(target: Target & { readonly code: string | undefined }): Target;
};

/**
 * Providers and models that this gateway lists, and some of those that it does not: one that has answered is there, and not
 * just made up. The rest is one.
 */
export function createLabels(
  providers: readonly { readonly id: string }[],
  models: readonly Pick<Model, 'id'>[],
): Labels {
  const ids = new Set(providers.map(({ id }) => id));
  const listed = new Set(models.map(({ id }) => id));
  const learnt = new Set<string>();

  function isKnown(id: string, hasAnswered: boolean): boolean {
    if (hasAnswered && !listed.has(id) && learnt.size < maxLearnt && isPlainName(id)) learnt.add(id);
    return listed.has(id) || learnt.has(id);
  }

  return {
    of: ({ provider, model, code }) => ({
      provider: ids.has(provider) ? provider : other,
      model: isKnown(`${provider}/${model}`, code === undefined) ? model : other,
    }),
  };
}
