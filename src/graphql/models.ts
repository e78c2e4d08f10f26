import { mayUseModel, mayUseProvider } from '../core/caller.ts';
import type { KeyCooldown, Model, Pricing, Provider, ProviderHealth } from '../core/model.ts';
import { builder, type Context } from './builder.ts';
import { FailureCodeEnum, Modality, ModelStatus, ProviderStatus, StructuredOutput } from './enums.ts';
import { type ModelFilter, matches } from './model-filter.ts';

const ProviderRef = builder.objectRef<Provider>('Provider');
const ModelRef = builder.objectRef<Model>('Model');

ProviderRef.implement({
  description: 'A company or server that runs models.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'What stands before the slash of a model id: "openai".' }),
    name: t.exposeString('name', { nullable: false, description: 'How people call it: "OpenAI".' }),
    status: t.field({
      type: ProviderStatus,
      nullable: false,
      description: 'Whether it can be asked now, as its latest answers told.',
      resolve: (provider, _args, { gateway }) => gateway.health(provider).status,
    }),
    availableAt: t.field({
      type: 'DateTime',
      description: 'When a key of it is free again, for COOLING_DOWN and OPEN.',
      resolve: (provider, _args, { gateway }) => gateway.health(provider).availableAt,
    }),
    keys: t.field({
      type: [ProviderKeyRef],
      nullable: { list: false, items: false },
      description:
        'The keys that this gateway uses there in turn, for the operator. Empty for all others, where it has none, and in the sandbox.',
      resolve: (provider, _args, { gateway, caller }) => (caller.admin ? gateway.health(provider).keys : []),
    }),
    isSandbox: t.boolean({
      nullable: false,
      description: 'Whether it is answered by the sandbox on this machine.',
      resolve: ({ access }) => access === 'sandbox',
    }),
    models: t.field({
      type: [ModelRef],
      nullable: { list: false, items: false },
      description: 'Its models in the catalogue. Others work too, if the provider has them.',
      resolve: ({ id }, _args, context) => allowedModels(context).filter(({ provider }) => provider.id === id),
    }),
  }),
});

const KeyCooldownRef = builder.objectRef<KeyCooldown>('KeyCooldown').implement({
  description: 'Why a key is not used for now.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The one model it is about. Null: all of them.' }),
    status: t.expose('status', {
      type: ProviderStatus,
      nullable: false,
      description: 'COOLING_DOWN after a limit or a refusal of the key, OPEN after failures in a row.',
    }),
    availableAt: t.expose('availableAt', { type: 'DateTime', nullable: false, description: 'When it is used again.' }),
    code: t.expose('code', { type: FailureCodeEnum, nullable: false, description: 'The failure behind it.' }),
  }),
});

const ProviderKeyRef = builder.objectRef<ProviderHealth['keys'][number]>('ProviderKey').implement({
  description: 'A key of this gateway at a provider. Its value is told to nobody.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'Its name in `attempts` and in the log: "openai#2".',
    }),
    cooldowns: t.expose('cooldowns', {
      type: [KeyCooldownRef],
      nullable: { list: false, items: false },
      description: 'Empty while it serves all models.',
    }),
  }),
});

const PricingRef = builder.objectRef<Pricing>('Pricing').implement({
  description:
    'Price list of a model in USD per million tokens: base tier, without discounts and long-context surcharges.',
  fields: (t) => ({
    inputPerMillion: t.float({ nullable: false, description: 'Input tokens.', resolve: ({ input }) => input }),
    outputPerMillion: t.float({
      nullable: false,
      description: 'Output tokens, reasoning included.',
      resolve: ({ output }) => output,
    }),
    cachedInputPerMillion: t.float({
      description: 'Input tokens read from a cache. Null when not known.',
      resolve: ({ cachedInput }) => cachedInput,
    }),
    cacheWritePerMillion: t.float({
      description: 'Input tokens that are put into a cache. Null when not known.',
      resolve: ({ cacheWrite }) => cacheWrite,
    }),
    source: t.exposeString('source', {
      nullable: false,
      description:
        'Where the price was read: "parley.yaml", "genai-prices" with its version, or a source of the catalogue.',
    }),
    asOf: t.exposeString('asOf', { nullable: false, description: 'The state of that source, YYYY-MM-DD or YYYY-MM.' }),
  }),
});

const ModelSupport = builder.objectRef<Model['facts']>('ModelSupport').implement({
  description: 'What a model can do, by the pages of its provider. Null means that no source tells.',
  fields: (t) => ({
    tools: t.exposeBoolean('tools', { description: 'Calls tools.' }),
    structuredOutput: t.expose('structuredOutput', {
      type: StructuredOutput,
      description: 'Strictest native answer format.',
    }),
    reasoning: t.boolean({
      description: 'Reasons before it answers.',
      resolve: ({ reasoning }) => (reasoning === undefined ? undefined : reasoning !== false),
    }),
    streaming: t.exposeBoolean('streaming', { description: 'Streams its answers.' }),
    sampling: t.exposeBoolean('sampling', {
      description: 'Takes temperature, topP and penalties. Where false, they are left out with a warning.',
    }),
  }),
});

ModelRef.implement({
  description:
    'A model of the catalogue, with what is publicly known about it. A field is null where nothing is known.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'What `ChatInput.model` takes: "openai/gpt-4o".' }),
    name: t.string({
      nullable: false,
      description: 'The provider\'s own id: "gpt-4o".',
      resolve: ({ facts }) => facts.name,
    }),
    displayName: t.string({
      nullable: false,
      description: 'How people call it: "GPT-4o".',
      resolve: ({ facts }) => facts.displayName ?? facts.name,
    }),
    family: t.string({
      description: 'The line of models it belongs to: "claude-sonnet".',
      resolve: ({ facts }) => facts.family,
    }),
    provider: t.expose('provider', { type: ProviderRef, nullable: false, description: 'Who runs it.' }),
    contextWindow: t.int({
      description: 'Most tokens of input and output together.',
      resolve: ({ facts }) => facts.contextWindow,
    }),
    maxOutputTokens: t.int({
      description: 'Most tokens of one answer.',
      resolve: ({ facts }) => facts.maxOutputTokens,
    }),
    inputModalities: t.field({
      type: [Modality],
      nullable: { list: true, items: false },
      description: 'Kinds of input the model takes; Parley sends text and images. Null when not known.',
      resolve: ({ facts }) => facts.inputModalities,
    }),
    supports: t.field({
      type: ModelSupport,
      nullable: false,
      description: 'What it can do.',
      resolve: ({ facts }) => facts,
    }),
    reasoningEfforts: t.stringList({
      description: "The provider's own effort words for it, where it takes any.",
      resolve: ({ facts }) => (facts.reasoning ? facts.reasoning.efforts : undefined),
    }),
    pricing: t.field({
      type: PricingRef,
      description: 'What it costs now, by the list that answers are charged by. Null when not known.',
      resolve: ({ pricing }) => pricing,
    }),
    status: t.field({
      type: ModelStatus,
      nullable: false,
      description: 'Where it is in its life.',
      resolve: ({ facts }) => facts.status,
    }),
    released: t.string({
      description: 'Day or month of its launch, YYYY-MM-DD or YYYY-MM.',
      resolve: ({ facts }) => facts.released,
    }),
    retired: t.string({
      description: 'Day of its end, YYYY-MM-DD. May lie in the future: an announced end.',
      resolve: ({ facts }) => facts.retired,
    }),
    isAvailable: t.boolean({
      nullable: false,
      description: 'Whether this gateway can ask it now: its provider is configured or sandboxed.',
      resolve: ({ provider }) => provider.access !== 'missing_key',
    }),
    isSandbox: t.boolean({
      nullable: false,
      description: 'Whether the sandbox answers in its place.',
      resolve: ({ provider }) => provider.access === 'sandbox',
    }),
  }),
});

const ModelFilterInput = builder.inputRef<ModelFilter>('ModelFilter').implement({
  description:
    'Conditions that a model fulfils all at once. A model of which a fact is not known does not fulfil a condition on it.',
  fields: (t) => ({
    provider: t.string({ description: 'Id of its provider.' }),
    search: t.string({ description: 'Words that occur in its id, display name or family, in any order and case.' }),
    modalities: t.field({ type: [Modality], description: 'Kinds of input it takes, all of them.' }),
    tools: t.boolean({ description: 'Whether it calls tools.' }),
    structuredOutput: t.field({
      type: StructuredOutput,
      description: 'An answer format it guarantees, or a stricter one.',
    }),
    reasoning: t.boolean({ description: 'Whether it reasons.' }),
    minContextWindow: t.int({ description: 'Least size of its context window, in tokens.' }),
    maxInputPrice: t.float({ description: 'Highest price of input, in USD per million tokens.' }),
    status: t.field({ type: [ModelStatus], description: 'One of these.' }),
    isAvailable: t.boolean({ description: 'Whether this gateway can ask it now.' }),
  }),
});

/** Callers see only models that they may use. */
function allowedModels({ gateway, caller }: Context): readonly Model[] {
  return caller.models ? gateway.models.filter(({ id }) => mayUseModel(caller, id)) : gateway.models;
}

builder.queryType({ description: 'All questions. `chat` is paid for; everything else is free.' });

builder.queryField('models', (t) =>
  t.field({
    type: [ModelRef],
    nullable: { list: false, items: false },
    description:
      'The catalogue, in the order of its providers, as far as the caller may ask it. A model that is not in it works too, if its provider has it.',
    args: { filter: t.arg({ type: ModelFilterInput, description: 'Only models that fulfil this. Default: all.' }) },
    resolve: (_root, { filter }, context) => allowedModels(context).filter((model) => matches(model, filter ?? {})),
  }),
);

builder.queryField('model', (t) =>
  t.field({
    type: ModelRef,
    description: 'One model of the catalogue. Null when the catalogue does not know it, or the caller may not ask it.',
    args: { id: t.arg.id({ required: true, description: 'Its id: "openai/gpt-4o".' }) },
    resolve: (_root, { id }, context) => allowedModels(context).find((model) => model.id === id),
  }),
);

builder.queryField('providers', (t) =>
  t.field({
    type: [ProviderRef],
    nullable: { list: false, items: false },
    description: 'All providers that the caller may ask, built in and configured, with whether they can be asked now.',
    resolve: (_root, _args, { gateway, caller }) => gateway.providers.filter(({ id }) => mayUseProvider(caller, id)),
  }),
);
