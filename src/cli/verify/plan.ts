import { catalog } from '../../providers/catalog.ts';
import type { Listing } from './answer-shape.ts';
import { type FeatureName, featuresOf } from './features.ts';
import { UsageError } from './options.ts';

/** A model that will be checked. */
export type Candidate = {
  readonly id: string;
  readonly provider: string;
  readonly isSandbox: boolean;
  /** The model's maximum output tokens, where known. */
  readonly maxOutputTokens: number | null;
  /** What is checked besides a sentence. */
  readonly features: readonly FeatureName[];
};

export type Selection = {
  readonly provider: readonly string[];
  readonly model: readonly string[];
  readonly seed: boolean;
};

/** This program knows the names: a gateway need not mark them. */
const seedIds: ReadonlySet<string> = new Set(
  catalog.filter(({ seed }) => seed).map(({ provider, name }) => `${provider}/${name}`),
);

/** Selects models of those that a gateway lists. Throws a UsageError for a name that matches none. */
export function chooseModels(
  listing: Listing,
  { provider: wanted, model: names, seed }: Selection,
  answersRetired: boolean,
): Candidate[] {
  const usable = new Set(listing.providers.filter(({ status }) => status !== 'MISSING_KEY').map(({ id }) => id));
  for (const provider of wanted) requireUsable(provider, listing, usable);
  const isWanted = (provider: string) => usable.has(provider) && (wanted.length === 0 || wanted.includes(provider));
  const chosen =
    names.length > 0 ? namedModels(listing, new Set(names), usable) : listedModels(listing, seed, answersRetired);
  const candidates = chosen.filter(({ id, provider }) => isWanted(provider) && (!seed || seedIds.has(id)));
  if (candidates.length === 0) throw new UsageError(explainNone(usable, wanted));
  return candidates;
}

/** Leaves out retired models unless the user names one. The sandbox of `parley verify` answers for them (refuseRetired: false). */
function listedModels({ models }: Listing, seed: boolean, answersRetired: boolean): Candidate[] {
  return models
    .filter(({ status, isSandbox }) => seed || (isSandbox && answersRetired) || status !== 'RETIRED')
    .map(toCandidate);
}

function namedModels(listing: Listing, names: ReadonlySet<string>, usable: ReadonlySet<string>): Candidate[] {
  const candidates = [...names].flatMap((name) => {
    const listed = listing.models.filter((model) => model.id === name || model.name === name);
    return listed.length > 0 ? listed.map(toCandidate) : [unlistedModel(name, listing)];
  });
  for (const { provider } of candidates) requireUsable(provider, listing, usable);
  // A model may be named twice, by id and by bare name.
  return [...new Map(candidates.map((candidate) => [candidate.id, candidate])).values()];
}

/** The catalogue informs and does not forbid. Only a real provider can decide, though: the sandbox goes by the catalogue. */
function unlistedModel(name: string, { providers }: Listing): Candidate {
  const provider = providers.find(({ id }) => name.startsWith(`${id}/`) && name.length > id.length + 1);
  if (provider && provider.status !== 'SANDBOX') {
    return { id: name, provider: provider.id, isSandbox: false, maxOutputTokens: null, features: [] };
  }
  const hint = provider
    ? `and ${provider.id} is sandboxed, and its sandbox goes by the catalogue`
    : 'and it names no provider, as "openai/gpt-4o" does';
  throw new UsageError(`--model: this gateway lists no model "${name}", ${hint}.`);
}

function requireUsable(provider: string, { providers }: Listing, usable: ReadonlySet<string>): void {
  if (!providers.some(({ id }) => id === provider)) {
    throw new UsageError(
      `--provider: unknown provider "${provider}". Known: ${providers.map(({ id }) => id).join(', ')}.`,
    );
  }
  if (!usable.has(provider)) {
    throw new UsageError(
      `This gateway has no key for ${provider}. Providers with a key: ${[...usable].join(', ') || 'none'}.`,
    );
  }
}

function explainNone(usable: ReadonlySet<string>, wanted: readonly string[]): string {
  if (usable.size === 0) return 'This gateway has no key for any provider.';
  const whose = (wanted.length > 0 ? wanted : [...usable]).join(', ');
  return `Nothing to check: no listed model of ${whose} is available. Name one with --model.`;
}

function toCandidate(model: Listing['models'][number]): Candidate {
  const { id, provider, isSandbox, maxOutputTokens, supports } = model;
  const features = supports ? featuresOf({ supports }) : [];
  return { id, provider: provider.id, isSandbox, maxOutputTokens, features };
}
