import { GraphQLError } from 'graphql';
import type { ServiceTier } from '../core/chat.ts';
import { type Model, type ModelFacts, structuredOutputs } from '../core/model.ts';
import type { OutputModality } from '../core/output-modalities.ts';
import type { ServerToolName } from '../core/server-tools.ts';

type Given<T> = T | null | undefined;

export type ModelFilter = {
  provider?: Given<string>;
  search?: Given<string>;
  modalities?: Given<NonNullable<ModelFacts['inputModalities']>>;
  tools?: Given<boolean>;
  serverTools?: Given<ServerToolName[]>;
  outputModalities?: Given<OutputModality[]>;
  serviceTier?: Given<ServiceTier>;
  promptCacheKey?: Given<boolean>;
  cacheBreakpoints?: Given<boolean>;
  logprobs?: Given<boolean>;
  structuredOutput?: Given<NonNullable<ModelFacts['structuredOutput']>>;
  reasoning?: Given<boolean>;
  minContextWindow?: Given<number>;
  maxInputPrice?: Given<number>;
  status?: Given<ModelFacts['status'][]>;
  isAvailable?: Given<boolean>;
};

/** Whether a model meets every given condition. Unknown facts meet none. */
export function createModelFilter(filter: ModelFilter): (model: Model) => boolean {
  const { search } = filter;
  if ((search?.length ?? 0) > maxSearchChars) {
    throw new GraphQLError(`filter.search: at most ${maxSearchChars} characters are allowed.`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  // Split once, and not for each of the models.
  const words = when(search, wordsOf)?.();
  return (model) => matches(model, filter, words);
}

function matches(model: Model, filter: ModelFilter, words: readonly string[] | undefined): boolean {
  const { id, facts, provider, pricing } = model;
  const conditions: Record<keyof ModelFilter, (() => boolean) | undefined> = {
    provider: when(filter.provider, (wanted) => provider.id === wanted),
    search: when(words, (wanted) => containsWords([id, facts.displayName, facts.family], wanted)),
    modalities: when(filter.modalities, (wanted) =>
      wanted.every((modality) => facts.inputModalities?.includes(modality)),
    ),
    tools: when(filter.tools, (wanted) => facts.tools === wanted),
    serverTools: when(filter.serverTools, (wanted) => includesAll(model.supported.serverTools, wanted)),
    outputModalities: when(filter.outputModalities, (wanted) => includesAll(model.supported.outputModalities, wanted)),
    serviceTier: when(filter.serviceTier, (wanted) => model.supported.serviceTiers.includes(wanted)),
    promptCacheKey: when(filter.promptCacheKey, (wanted) => model.supported.options.has('promptCache') === wanted),
    cacheBreakpoints: when(filter.cacheBreakpoints, (wanted) => model.supported.cacheBreakpoints === wanted),
    logprobs: when(filter.logprobs, (wanted) => model.supported.options.has('logprobs') === wanted),
    structuredOutput: when(filter.structuredOutput, (wanted) => isAtLeast(facts.structuredOutput, wanted)),
    reasoning: when(
      filter.reasoning,
      (wanted) => facts.reasoning !== undefined && (facts.reasoning !== false) === wanted,
    ),
    minContextWindow: when(filter.minContextWindow, (least) => (facts.contextWindow ?? 0) >= least),
    maxInputPrice: when(filter.maxInputPrice, (most) => pricing !== undefined && pricing.input <= most),
    status: when(filter.status, (wanted) => wanted.includes(facts.status)),
    isAvailable: when(filter.isAvailable, (wanted) => (provider.access !== 'missing_key') === wanted),
  };
  return Object.values(conditions).every((condition) => condition?.() ?? true);
}

function includesAll<T>(all: readonly T[], wanted: readonly T[]): boolean {
  return wanted.every((one) => all.includes(one));
}

function when<T, R>(given: Given<T>, condition: (value: T) => R): (() => R) | undefined {
  return given === null || given === undefined ? undefined : () => condition(given);
}

/** A longer search matches no model. */
const maxSearchChars = 200;

/** The words of a search, in lower case. */
function wordsOf(search: string): readonly string[] {
  return search
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
}

function containsWords(texts: readonly (string | undefined)[], words: readonly string[]): boolean {
  const all = texts.join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
}

function isAtLeast(
  known: ModelFacts['structuredOutput'],
  wanted: NonNullable<ModelFacts['structuredOutput']>,
): boolean {
  return known !== undefined && structuredOutputs.indexOf(known) >= structuredOutputs.indexOf(wanted);
}
