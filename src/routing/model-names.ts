import { isJsonObject } from '../core/json-object.ts';
import { chatLimits } from '../core/message.ts';

/** Names of models that clients cannot change: aliases, and names without their provider. */
export type ModelNames = {
  /** From a name, or the beginning of one before a "*", to "provider/model", "route/name" or the same with a "*". */
  readonly aliases: Readonly<Record<string, string>>;
  /** Whether a name without a provider stands for the only provider that has the model. */
  readonly bareNames: boolean;
};

export const noModelNames: ModelNames = { aliases: {}, bareNames: false };

/**
 * The id that a name stands for. The whole name wins over patterns, and a longer pattern over a shorter one. An alias is not
 * looked up again, so that none can lead to itself.
 */
export function createNameResolver(
  { aliases, bareNames }: ModelNames,
  providersOf: (model: string) => readonly string[],
) {
  const exact = new Map(Object.entries(aliases).filter(([name]) => !name.endsWith('*')));
  const patterns = Object.entries(aliases)
    .filter(([name]) => name.endsWith('*'))
    .map(([name, id]) => ({ start: name.slice(0, -1), id }))
    .sort((a, b) => b.start.length - a.start.length);

  return (name: string): string => {
    const alias = exact.get(name);
    if (alias !== undefined) return alias;
    const pattern = patterns.find(({ start }) => name.startsWith(start));
    if (pattern) return pattern.id.endsWith('*') ? pattern.id.slice(0, -1) + name : pattern.id;
    const [only, ...others] = bareNames && !name.includes('/') ? providersOf(name) : [];
    return only !== undefined && others.length === 0 ? `${only}/${name}` : name;
  };
}

/**
 * A request, not validated yet, with the ids that its names stand for: the same one where its names are ids. A model beside
 * `provider` is the provider's own name.
 */
export function withModelIds(input: unknown, toModelId: (name: string) => string): unknown {
  if (!isJsonObject(input)) return input;
  const { model, provider, fallbacks } = input;
  const toId = (name: unknown) => (typeof name === 'string' ? toModelId(name) : name);
  const id = provider === undefined || provider === null ? toId(model) : model;
  const others = Array.isArray(fallbacks) && fallbacks.length <= chatLimits.fallbacks ? fallbacks : [];
  if (id === model && others.every((name) => toId(name) === name)) return input;
  return { ...input, model: id, ...(others.length > 0 && { fallbacks: others.map(toId) }) };
}
