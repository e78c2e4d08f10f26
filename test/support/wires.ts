import type { Codec, ProviderAdapter } from '../../src/core/adapter.ts';
import type { Api, Target } from '../../src/core/model.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { target as targetOf } from './requests.ts';

/** One wire of a built-in provider, with a model that the catalogue does not know. */
export type Wire = {
  /** The name of its recordings: "xai" for Chat Completions, "xai-responses" for the other. */
  readonly name: string;
  readonly adapter: ProviderAdapter;
  readonly target: Target;
  readonly codec: Codec;
  /** Missing where the provider has one wire only. */
  readonly api: Api | undefined;
  /** The codec for a model of the catalogue, on this wire. */
  codecOf(model: string): Codec;
};

export const wires: readonly Wire[] = builtInProviders.flatMap((adapter) =>
  (adapter.apis ?? [undefined]).map((api): Wire => {
    const target = onWire(api, { provider: adapter.id, model: 'some-model', facts: undefined });
    const name = api === 'responses' ? `${adapter.id}-responses` : adapter.id;
    return {
      name,
      adapter,
      target,
      api,
      codec: adapter.codecFor(target),
      codecOf: (model) => adapter.codecFor(onWire(api, targetOf(`${adapter.id}/${model}`))),
    };
  }),
);

export function wireNamed(name: string): Wire {
  const wire = wires.find((candidate) => candidate.name === name);
  if (!wire) throw new Error(`No wire is called ${name}`);
  return wire;
}

/** Lines below `providers:` that set the wire of all providers with two. */
export function allOn(api: Api): string {
  const choosy = builtInProviders.filter(({ apis }) => apis);
  return choosy.map(({ id }) => `  ${id}: { api: ${api} }\n`).join('');
}

/** The same model, on this wire. */
export function onWire(api: Api | undefined, target: Target): Target {
  if (!api) return target;
  const { provider, model, facts = { provider, name: model, status: 'unknown' } } = target;
  return { ...target, facts: { ...facts, api } };
}
