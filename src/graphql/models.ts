import { mayUseModel, mayUseProvider } from '../core/caller.ts';
import type { KeyCooldown, Model, Pricing, Provider, ProviderHealth } from '../core/model.ts';
import { builder, type Context } from './builder.ts';
import {
  FailureCodeEnum,
  Modality,
  ModelStatus,
  OutputModalityEnum,
  ProviderStatus,
  ServerToolNameEnum,
  ServiceTierEnum,
  StructuredOutput,
} from './enums.ts';
import { createModelFilter, type ModelFilter } from './model-filter.ts';
import { inOrder, ModelOrderInput } from './model-order.ts';
import { NodeRef } from './node.ts';

const ProviderRef = builder.objectRef<Provider>('Provider');
export const ModelRef = builder.objectRef<Model>('Model');

ProviderRef.implement({
  interfaces: [NodeRef],
  description: 'A company or server that runs models.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'The first part of a model id: "openai".' }),
    name: t.exposeString('name', { nullable: false, description: 'Display name: "OpenAI".' }),
    status: t.field({
      type: ProviderStatus,
      nullable: false,
      description: 'Whether it is available, by its latest responses.',
      resolve: (provider, _args, { gateway }) => gateway.health(provider).status,
    }),
    availableAt: t.field({
      type: 'DateTime',
      description: 'When one of its keys is available again, for COOLING_DOWN and OPEN.',
      resolve: (provider, _args, { gateway }) => gateway.health(provider).availableAt,
    }),
    keys: t.field({
      type: [ProviderKeyRef],
      nullable: { list: false, items: false },
      description:
        'The keys that this gateway uses in turn, for admins. Empty for all others, without keys, and in the sandbox.',
      resolve: (provider, _args, { gateway, caller }) => (caller.admin ? gateway.health(provider).keys : []),
    }),
    isSandbox: t.boolean({
      nullable: false,
      description: 'Whether the sandbox on this machine answers for it.',
      resolve: ({ access }) => access === 'sandbox',
    }),
    models: t.field({
      type: [ModelRef],
      nullable: { list: false, items: false },
      description: 'Its models in the catalogue. Other models work too, if the provider has them.',
      resolve: ({ id }, _args, context) => allowedModels(context).filter(({ provider }) => provider.id === id),
    }),
  }),
});

const KeyCooldownRef = builder.objectRef<KeyCooldown>('KeyCooldown').implement({
  description: 'Why a key is not used at the moment.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The model it applies to. Null: all models.' }),
    status: t.expose('status', {
      type: ProviderStatus,
      nullable: false,
      description: 'COOLING_DOWN after a rate limit or a refusal of the key, OPEN after repeated failures.',
    }),
    availableAt: t.expose('availableAt', {
      type: 'DateTime',
      nullable: false,
      description: 'When the key is used again.',
    }),
    code: t.expose('code', { type: FailureCodeEnum, nullable: false, description: 'The failure that caused it.' }),
  }),
});

const ProviderKeyRef = builder.objectRef<ProviderHealth['keys'][number]>('ProviderKey').implement({
  description: 'A key of this gateway at a provider. Its value is never shown.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'Its name in `attempts` and in the log: "openai#2".',
    }),
    cooldowns: t.expose('cooldowns', {
      type: [KeyCooldownRef],
      nullable: { list: false, items: false },
      description: 'Empty while the key serves all models.',
    }),
  }),
});

const PricingRef = builder.objectRef<Pricing>('Pricing').implement({
  description: 'Price of a model in USD per million tokens: base tier, without discounts and long-context surcharges.',
  fields: (t) => ({
    inputPerMillion: t.float({ nullable: false, description: 'Input tokens.', resolve: ({ input }) => input }),
    outputPerMillion: t.float({
      nullable: false,
      description: 'Output tokens, reasoning included.',
      resolve: ({ output }) => output,
    }),
    cachedInputPerMillion: t.float({
      description: 'Input tokens read from a cache. Null where unknown.',
      resolve: ({ cachedInput }) => cachedInput,
    }),
    cacheWritePerMillion: t.float({
      description: 'Input tokens written to a cache. Null where unknown.',
      resolve: ({ cacheWrite }) => cacheWrite,
    }),
    source: t.exposeString('source', {
      nullable: false,
      description:
        'The source of the price: "parley.yaml", "genai-prices" with its version, or a source of the catalogue.',
    }),
    asOf: t.exposeString('asOf', { nullable: false, description: 'Date of that source, YYYY-MM-DD or YYYY-MM.' }),
  }),
});

const ModelSupport = builder.objectRef<Model>('ModelSupport').implement({
  description:
    'What a model supports. Nullable fields are facts from the documents of its provider, null where no source says it; the others say what the gateway sends to it.',
  fields: (t) => ({
    tools: t.boolean({ description: 'Calls tools.', resolve: ({ facts }) => facts.tools }),
    structuredOutput: t.field({
      type: StructuredOutput,
      description: 'The strictest native response format.',
      resolve: ({ facts }) => facts.structuredOutput,
    }),
    reasoning: t.boolean({
      description: 'Whether it reasons before it answers.',
      resolve: ({ facts: { reasoning } }) => (reasoning === undefined ? undefined : reasoning !== false),
    }),
    streaming: t.boolean({ description: 'Whether it streams answers.', resolve: ({ facts }) => facts.streaming }),
    sampling: t.boolean({
      description: 'Whether it accepts temperature, topP and penalties. If not, they are left out with a warning.',
      resolve: ({ facts }) => facts.sampling,
    }),
    media: t.field({
      type: [Modality],
      nullable: { list: false, items: false },
      description: 'Kinds of input that are sent as data. The others are refused; a PDF may still go by URL (xAI).',
      resolve: ({ supported }) => supported.media,
    }),
    serverTools: t.field({
      type: [ServerToolNameEnum],
      nullable: { list: false, items: false },
      description: 'Tools that its provider runs. The others are refused.',
      resolve: ({ supported }) => supported.serverTools,
    }),
    outputModalities: t.field({
      type: [OutputModalityEnum],
      nullable: { list: false, items: false },
      description: 'What it can answer with. The others are refused.',
      resolve: ({ supported }) => supported.outputModalities,
    }),
    serviceTiers: t.field({
      type: [ServiceTierEnum],
      nullable: { list: false, items: false },
      description: 'Service tiers that can be chosen.',
      resolve: ({ supported }) => supported.serviceTiers,
    }),
    promptCacheKey: t.boolean({
      nullable: false,
      description: 'Whether `promptCache.key` is sent.',
      resolve: ({ supported }) => supported.options.has('promptCache'),
    }),
    cacheBreakpoints: t.boolean({
      nullable: false,
      description: 'Whether `cacheBreakpoint` is sent.',
      resolve: ({ supported }) => supported.cacheBreakpoints,
    }),
    logprobs: t.boolean({
      nullable: false,
      description: 'Whether `logprobs` is sent.',
      resolve: ({ supported }) => supported.options.has('logprobs'),
    }),
    verbosity: t.boolean({
      nullable: false,
      description: 'Whether `verbosity` is sent.',
      resolve: ({ supported }) => supported.options.has('verbosity'),
    }),
    topK: t.boolean({
      nullable: false,
      description: 'Whether `topK` is sent.',
      resolve: ({ supported }) => supported.options.has('topK'),
    }),
    reasoningBudget: t.boolean({
      nullable: false,
      description: 'Whether `reasoningBudget` is sent.',
      resolve: ({ supported }) => supported.options.has('reasoningBudget'),
    }),
  }),
});

ModelRef.implement({
  interfaces: [NodeRef],
  description: 'A model of the catalogue with publicly known facts. A field is null where nothing is known.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'The value for `ChatInput.model`: "openai/gpt-4o".' }),
    name: t.string({
      nullable: false,
      description: 'The provider\'s own id: "gpt-4o".',
      resolve: ({ facts }) => facts.name,
    }),
    displayName: t.string({
      nullable: false,
      description: 'Display name: "GPT-4o".',
      resolve: ({ facts }) => facts.displayName ?? facts.name,
    }),
    family: t.string({
      description: 'The model family: "claude-sonnet".',
      resolve: ({ facts }) => facts.family,
    }),
    provider: t.expose('provider', { type: ProviderRef, nullable: false, description: 'The provider.' }),
    contextWindow: t.int({
      description: 'Context window: the maximum of input and output tokens together.',
      resolve: ({ facts }) => facts.contextWindow,
    }),
    maxOutputTokens: t.int({
      description: 'Maximum output tokens of one answer.',
      resolve: ({ facts }) => facts.maxOutputTokens,
    }),
    inputModalities: t.field({
      type: [Modality],
      nullable: { list: true, items: false },
      description: 'Supported kinds of input. Null where unknown.',
      resolve: ({ facts }) => facts.inputModalities,
    }),
    supports: t.field({
      type: ModelSupport,
      nullable: false,
      description: 'Supported features.',
      resolve: (model) => model,
    }),
    reasoningEfforts: t.stringList({
      description: "The provider's own effort values, where it has some.",
      resolve: ({ facts }) => (facts.reasoning ? facts.reasoning.efforts : undefined),
    }),
    pricing: t.field({
      type: PricingRef,
      description: 'Its current price, from the list that answers are charged by. Null where unknown.',
      resolve: ({ pricing }) => pricing,
    }),
    status: t.field({
      type: ModelStatus,
      nullable: false,
      description: 'Lifecycle stage.',
      resolve: ({ facts }) => facts.status,
    }),
    released: t.string({
      description: 'Release date, YYYY-MM-DD or YYYY-MM.',
      resolve: ({ facts }) => facts.released,
    }),
    retired: t.string({
      description: 'Retirement date, YYYY-MM-DD. In the future for an announced one.',
      resolve: ({ facts }) => facts.retired,
    }),
    isAvailable: t.boolean({
      nullable: false,
      description: 'Whether this gateway can use it now: its provider is configured or sandboxed.',
      resolve: ({ provider }) => provider.access !== 'missing_key',
    }),
    isSandbox: t.boolean({
      nullable: false,
      description: 'Whether the sandbox answers for it.',
      resolve: ({ provider }) => provider.access === 'sandbox',
    }),
  }),
});

export const ModelFilterInput = builder.inputRef<ModelFilter>('ModelFilter').implement({
  description:
    'Conditions that a model has to meet, all of them. A model without a known fact does not meet a condition on it.',
  fields: (t) => ({
    provider: t.string({ description: 'Id of its provider.' }),
    search: t.string({
      description: 'Words that occur in its id, display name or family, in any order and case. At most 200 characters.',
    }),
    modalities: t.field({ type: [Modality], description: 'Kinds of input it supports, all of them.' }),
    tools: t.boolean({ description: 'Whether it supports tool calls.' }),
    serverTools: t.field({ type: [ServerToolNameEnum], description: 'Tools that its provider runs, all of them.' }),
    outputModalities: t.field({ type: [OutputModalityEnum], description: 'What it answers with, all of them.' }),
    serviceTier: t.field({ type: ServiceTierEnum, description: 'A service tier that can be chosen.' }),
    promptCacheKey: t.boolean({ description: 'Whether `promptCache.key` is sent.' }),
    cacheBreakpoints: t.boolean({ description: 'Whether `cacheBreakpoint` is sent.' }),
    logprobs: t.boolean({ description: 'Whether `logprobs` is sent.' }),
    structuredOutput: t.field({
      type: StructuredOutput,
      description: 'A response format that it guarantees, or a stricter one.',
    }),
    reasoning: t.boolean({ description: 'Whether it reasons.' }),
    minContextWindow: t.int({ description: 'Minimum context window, in tokens.' }),
    maxInputPrice: t.float({ description: 'Maximum price of input, in USD per million tokens.' }),
    status: t.field({ type: [ModelStatus], description: 'One of these stages.' }),
    isAvailable: t.boolean({ description: 'Whether this gateway can use it now.' }),
  }),
});

/** Callers see only models that they may use. */
export function allowedModels({ gateway, caller }: Context): readonly Model[] {
  return caller.models ? gateway.models.filter(({ id }) => mayUseModel(caller, id)) : gateway.models;
}

builder.queryType({ description: 'All queries. `chat` costs money; everything else is free.' });

builder.queryField('models', (t) =>
  t.field({
    type: [ModelRef],
    nullable: { list: false, items: false },
    description:
      'The catalogue in the order of its providers, limited to models that the caller may use. A model that is not listed works too, if its provider has it. `modelsConnection` has it in pages.',
    args: {
      filter: t.arg({ type: ModelFilterInput, description: 'Only models that meet these conditions. Default: all.' }),
      orderBy: t.arg({ type: ModelOrderInput, description: 'Their order. Default: that of the catalogue.' }),
    },
    resolve: (_root, { filter, orderBy }, context) =>
      inOrder(allowedModels(context).filter(createModelFilter(filter ?? {})), orderBy),
  }),
);

builder.queryField('model', (t) =>
  t.field({
    type: ModelRef,
    description: 'One model of the catalogue. Null when it is unknown, or the caller may not use it.',
    args: { id: t.arg.id({ required: true, description: 'Its id: "openai/gpt-4o".' }) },
    resolve: (_root, { id }, context) => allowedModels(context).find((model) => model.id === id),
  }),
);

builder.queryField('providers', (t) =>
  t.field({
    type: [ProviderRef],
    nullable: { list: false, items: false },
    description: 'All providers that the caller may use, built in and configured.',
    resolve: (_root, _args, { gateway, caller }) => gateway.providers.filter(({ id }) => mayUseProvider(caller, id)),
  }),
);
