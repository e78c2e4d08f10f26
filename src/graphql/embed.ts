import { mayUseModel } from '../core/caller.ts';
import type { Failure } from '../core/completion.ts';
import type { EmbeddingModel, Embeddings } from '../core/embed.ts';
import { CallFailure } from '../core/gateway.ts';
import { toBase64 } from '../http/vector-base64.ts';
import { builder } from './builder.ts';
import { toCallOptions } from './call-options.ts';
import { ImageInput } from './chat-input.ts';
import { AttemptRef, expenseFields, UsageRef, WarningRef } from './completion-fields.ts';
import { EmbedTaskTypeEnum } from './enums.ts';
import { failureFields } from './failure.ts';

const EmbedPartInput = builder.inputType('EmbedPartInput', {
  description: 'Exactly one of `text` and `image`.',
  fields: (t) => ({
    text: t.string({ description: 'A text. It may not be empty.' }),
    image: t.field({ type: ImageInput, description: 'An image, by URL or as a data URL. `detail` has no effect.' }),
  }),
});

const EmbedItemInput = builder.inputType('EmbedItemInput', {
  description: 'What one vector stands for.',
  fields: (t) => ({
    parts: t.field({ type: [EmbedPartInput], required: true, description: 'Texts and images, 1 to 16.' }),
  }),
});

const EmbedInput = builder.inputType('EmbedInput', {
  description: 'Texts to embed, or items of texts and images, and the model that does it.',
  fields: (t) => ({
    model: t.string({
      required: true,
      description: '"provider/model", such as "openai/text-embedding-3-small", or the name alone beside `provider`.',
    }),
    provider: t.string({ description: 'Id of the provider, where `model` is the name alone.' }),
    input: t.stringList({
      description:
        'The texts, 1 to 2,048. None may be empty. More than one request of the provider takes are sent as several, side by side. Required without `items`.',
    }),
    items: t.field({
      type: [EmbedItemInput],
      description:
        'Instead of `input`: 1 to 2,048 items of texts and images, for models whose `takesImages` is true. Others take items of texts and refuse images with UNSUPPORTED_OPTION.',
    }),
    dimensions: t.int({
      description: 'Length of the vectors, for models that can shorten them. Default: the full length of the model.',
    }),
    taskType: t.field({
      type: EmbedTaskTypeEnum,
      description: 'What the vectors are for. Cohere and Google distinguish it; for others it is named in `warnings`.',
    }),
    fallbacks: t.stringList({
      description:
        'The same model at other providers, at most 8, tried in order when one fails. Another model is refused: vectors of two models cannot be compared.',
    }),
    user: t.string({ description: 'Your id of the end user, passed on where a provider has a field for it.' }),
    requestId: t.id({
      description: 'Idempotency key: while it is in use, a second request with it is refused with DUPLICATE_REQUEST.',
    }),
  }),
});

const EmbeddingsRef = builder.objectRef<Embeddings>('Embeddings').implement({
  description: 'Vectors of texts, in the order of the texts.',
  fields: (t) => ({
    provider: t.exposeString('provider', { nullable: false, description: 'Id of the provider that answered.' }),
    model: t.exposeString('model', {
      nullable: false,
      description: 'The model that answered, as the provider names it.',
    }),
    isSandbox: t.exposeBoolean('isSandbox', {
      nullable: false,
      description: 'Whether the sandbox answered instead of a real model. Its vectors mean nothing.',
    }),
    dimensions: t.int({
      nullable: false,
      description: 'Length of each vector.',
      resolve: ({ vectors }) => vectors[0]?.length ?? 0,
    }),
    vectors: t.field({
      type: [VectorRef],
      nullable: { list: false, items: false },
      description: 'One vector per text.',
      resolve: ({ vectors }) => vectors,
    }),
    usage: t.expose('usage', { type: UsageRef, description: 'Tokens of the texts. Null where none are reported.' }),
    warnings: t.expose('warnings', {
      type: [WarningRef],
      nullable: { list: false, items: false },
      description: 'Options that were left out or changed.',
    }),
    attempts: t.expose('attempts', {
      type: [AttemptRef],
      nullable: { list: false, items: false },
      description: 'All attempts in order, of all requests that were sent.',
    }),
    ...expenseFields(t),
  }),
});

const VectorRef = builder.objectRef<readonly number[]>('Vector').implement({
  description: 'A vector, in one of two forms.',
  fields: (t) => ({
    values: t.floatList({
      nullable: { list: false, items: false },
      description: 'Its numbers.',
      resolve: (vector) => [...vector],
    }),
    base64: t.string({
      nullable: false,
      description: 'Its numbers as little-endian floats of 32 bits in base64: a quarter of the bytes of `values`.',
      resolve: toBase64,
    }),
  }),
});

const EmbeddingModelRef = builder.objectRef<EmbeddingModel>('EmbeddingModel').implement({
  description: 'A model that embeds texts. Models that are not listed can be asked as well.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'The value for `EmbedInput.model`.' }),
    dimensions: t.exposeInt('dimensions', {
      nullable: false,
      description: 'Length of its vectors where none is requested.',
    }),
    isShortened: t.exposeBoolean('isShortened', {
      nullable: false,
      description: 'Whether `EmbedInput.dimensions` can shorten its vectors.',
    }),
    maxInputTokens: t.exposeInt('maxInputTokens', { nullable: false, description: 'The longest text, in tokens.' }),
    takesImages: t.boolean({
      nullable: false,
      description: 'Whether `EmbedInput.items` may have images for it.',
      resolve: ({ takesImages = false }) => takesImages,
    }),
    inputPerMillion: t.float({
      description: 'Price in USD per million tokens. Null where it is not known.',
      resolve: ({ pricing }) => pricing?.input,
    }),
    isAvailable: t.boolean({
      nullable: false,
      description: 'Whether its provider has a key on this gateway, or the sandbox stands in.',
      resolve: ({ access }) => access !== 'missing_key',
    }),
  }),
});

builder.queryField('embeddingModels', (t) =>
  t.field({
    type: [EmbeddingModelRef],
    nullable: { list: false, items: false },
    description: 'The models for `embed` that this caller may use.',
    resolve: (_root, _args, { gateway, caller }) => gateway.embeddingModels.filter(({ id }) => mayUseModel(caller, id)),
  }),
);

const EmbedFailure = builder.objectRef<Failure>('EmbedFailure').implement({
  description: 'Why there are no vectors.',
  fields: failureFields,
});

const EmbedResult = builder.unionType('EmbedResult', {
  description: 'Vectors, or why there are none. A failure is data: it nulls no other field of the document.',
  types: [EmbeddingsRef, EmbedFailure],
  resolveType: (value) => ('error' in value ? EmbedFailure : EmbeddingsRef),
});

builder.queryField('embed', (t) =>
  t.field({
    type: EmbedResult,
    nullable: false,
    description: 'Embeds texts: similar texts get vectors that are close to each other.',
    args: { input: t.arg({ type: EmbedInput, required: true, description: 'The texts and the model.' }) },
    async resolve(_root, { input }, context, info) {
      try {
        return await context.gateway.embed(input, toCallOptions(context, info));
      } catch (thrown) {
        if (thrown instanceof CallFailure) return thrown.failure;
        throw thrown;
      }
    },
  }),
);
