import type { Codec } from '../../src/core/adapter.ts';
import type { Target } from '../../src/core/model.ts';
import { catalog } from '../../src/providers/catalog.ts';
import { builtInProviders } from '../../src/providers/registry.ts';

/** A column of the tables: a provider on one of its wires, with a model that nothing is known of. */
export type Column = {
  readonly title: string;
  readonly target: Target;
  readonly codec: Codec;
};

export const columns: readonly Column[] = builtInProviders.flatMap((adapter) =>
  (adapter.apis ?? [undefined]).map((api): Column => {
    const { id: provider } = adapter;
    const model = 'some-model';
    const facts = api && ({ provider, name: model, status: 'unknown', api } as const);
    const target = { provider, model, facts };
    const codec = adapter.codecFor(target);
    return { title: adapter.apis ? `${provider}: ${codec.wire}` : provider, target, codec };
  }),
);

/** The wire of each provider, and where it has more than one, of each model. */
export function wireTable(): string {
  const lines = builtInProviders.flatMap((adapter) => {
    const models = catalog.filter(({ provider }) => provider === adapter.id);
    const wireOf = (facts: (typeof models)[number]) =>
      adapter.codecFor({ provider: adapter.id, model: facts.name, facts }).wire;
    return [...Map.groupBy(models, wireOf)].map(([wire, some]) => {
      const names = adapter.apis ? some.map(({ name }) => `\`${name}\``).join(', ') : 'all';
      return `| ${adapter.name} | ${wire} | ${names} |`;
    });
  });
  return ['| provider | wire | models |', '| --- | --- | --- |', ...lines].join('\n');
}
