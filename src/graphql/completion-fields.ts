import type {
  Attempt,
  Citation,
  CompletionEnd,
  Cost,
  Expense,
  Provenance,
  TextRange,
  TokenLogprob,
  Usage,
  Warning,
} from '../core/completion.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { FailureCodeEnum, FinishReason } from './enums.ts';

/** Fields shared by whole answers, streams and failures. */

export const UsageRef = builder.objectRef<Usage>('Usage').implement({
  description: 'Token counts of the provider. A count is null where the provider does not report it.',
  fields: (t) => ({
    inputTokens: t.exposeInt('inputTokens', { description: 'Input tokens, cache reads and writes included.' }),
    outputTokens: t.exposeInt('outputTokens', { description: 'Output tokens, reasoning included.' }),
    totalTokens: t.exposeInt('totalTokens', { description: 'Input and output tokens together.' }),
    cacheReadInputTokens: t.exposeInt('cacheReadInputTokens', {
      description: 'Input tokens that were read from a cache.',
    }),
    cacheWriteInputTokens: t.exposeInt('cacheWriteInputTokens', {
      description: 'Input tokens that were written to a cache.',
    }),
    reasoningOutputTokens: t.exposeInt('reasoningOutputTokens', {
      description: 'Output tokens that were reasoning.',
    }),
    billedInputTokens: t.int({
      description: 'Billed input tokens, where they differ from the counted ones (Cohere).',
      resolve: ({ billed }) => billed?.input,
    }),
    billedOutputTokens: t.int({
      description: 'Billed output tokens, where they differ from the counted ones (Cohere).',
      resolve: ({ billed }) => billed?.output,
    }),
    webSearchCalls: t.int({
      description: "Searches of the provider's own tool. Null where it reports none.",
      resolve: ({ serverToolCalls }) => serverToolCalls?.web_search,
    }),
    codeExecutionCalls: t.int({
      description: "Runs of the provider's own code tool. Null where it reports none.",
      resolve: ({ serverToolCalls }) => serverToolCalls?.code_execution,
    }),
    urlContextCalls: t.int({
      description: "Pages that the provider's own tool fetched. Null where it reports none.",
      resolve: ({ serverToolCalls }) => serverToolCalls?.url_context,
    }),
    isPartial: t.boolean({
      nullable: false,
      description: 'Whether the counts end with a failure: more may have been used.',
      resolve: ({ isPartial = false }) => isPartial,
    }),
  }),
});

const CostRef = builder.objectRef<Cost>('Cost').implement({
  description:
    'The cost of an answer: as the provider reports it, or by the price list. In the sandbox: what the real provider would have charged.',
  fields: (t) => ({
    total: t.exposeFloat('total', {
      nullable: false,
      description: 'Input, output and per-request charges together.',
    }),
    input: t.exposeFloat('input', { nullable: false, description: 'Input tokens, cached ones at their own price.' }),
    output: t.exposeFloat('output', { nullable: false, description: 'Output tokens.' }),
    saved: t.exposeFloat('saved', {
      description:
        'What the prompt cache saved: the input at its list price less what it cost. Negative where writing to the cache cost more than reading saved. Null without cached tokens.',
    }),
    currency: t.exposeString('currency', { nullable: false, description: 'ISO 4217 code: "USD".' }),
    priceSource: t.exposeString('priceSource', {
      nullable: false,
      description:
        'The source of the price: "parley.yaml", "genai-prices" with its version, or a source of the catalogue.',
    }),
    pricedAt: t.exposeString('pricedAt', {
      nullable: false,
      description: 'Date of that source, YYYY-MM-DD or YYYY-MM.',
    }),
  }),
});

export const WarningRef = builder.objectRef<Warning>('Warning').implement({
  description: 'An option that was left out or changed, because the target does not support it as given.',
  fields: (t) => ({
    option: t.exposeString('option', { nullable: false, description: 'Its name in ChatInput.' }),
    message: t.exposeString('message', { nullable: false, description: 'What was changed, and why.' }),
  }),
});

export const AttemptRef = builder.objectRef<Attempt>('Attempt').implement({
  description: 'One attempt at a target. A target that was passed over has no status and a duration of 0.',
  fields: (t) => ({
    provider: t.exposeString('provider', { nullable: false, description: 'Id of the provider.' }),
    model: t.exposeString('model', { nullable: false, description: 'The requested model.' }),
    key: t.exposeString('key', {
      description: 'Name of the key that was used: "openai#2". Null where none was used, or the provider needs none.',
    }),
    code: t.expose('code', { type: FailureCodeEnum, description: 'Why it failed. Null after success.' }),
    status: t.exposeInt('status', { description: 'HTTP status of the provider. Null without a response.' }),
    durationMs: t.exposeInt('durationMs', {
      nullable: false,
      description: 'Duration in milliseconds.',
    }),
  }),
});

const TextRangeRef = builder.objectRef<TextRange>('TextRange').implement({
  description: "A range of the answer's text, in characters as the provider counts them.",
  fields: (t) => ({
    start: t.exposeInt('start', { nullable: false, description: 'Its first character, from 0.' }),
    end: t.exposeInt('end', { nullable: false, description: 'The character after its last one.' }),
  }),
});

type Token = Omit<TokenLogprob, 'topLogprobs'>;

const tokenFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Token>) => ({
  token: t.exposeString('token', { nullable: false, description: 'The token as text.' }),
  logprob: t.exposeFloat('logprob', {
    nullable: false,
    description: 'Natural logarithm of its probability, at most 0.',
  }),
  bytes: t.field({
    type: ['Int'],
    nullable: { list: true, items: false },
    description: 'Its bytes in UTF-8: a token may be a part of a character. Null where unknown.',
    resolve: ({ bytes }) => bytes,
  }),
});

const TopLogprobRef = builder.objectRef<Token>('TopLogprob').implement({
  description: 'A likely token in the place of another.',
  fields: (t) => tokenFields(t),
});

const TokenLogprobRef = builder.objectRef<TokenLogprob>('TokenLogprob').implement({
  description: 'A token of the answer and how likely it was.',
  fields: (t) => ({
    ...tokenFields(t),
    topLogprobs: t.expose('topLogprobs', {
      type: [TopLogprobRef],
      nullable: { list: false, items: false },
      description: 'The most likely tokens in this place, as many as `topLogprobs` asked for.',
    }),
  }),
});

const CitationRef = builder.objectRef<Citation>('Citation').implement({
  description: 'A source that the answer cites. Marks like [1] in the text count from the first one.',
  fields: (t) => ({
    url: t.exposeString('url', { nullable: false, description: 'URL of the source.' }),
    title: t.exposeString('title', { description: 'Its title.' }),
    text: t.exposeString('text', { description: 'The cited passage.' }),
    places: t.field({
      type: [TextRangeRef],
      nullable: { list: false, items: false },
      description: "The places in the answer's text that it supports. Empty when the provider reports none.",
      resolve: ({ places = [] }) => places,
    }),
  }),
});

/** Fields shared by answers and failures. */
export const expenseFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Expense>) => ({
  cost: t.expose('cost', {
    type: CostRef,
    description:
      'The cost. Null when the price or the usage is unknown. For an answer that broke off, the least that was spent.',
  }),
  latencyMs: t.exposeInt('latencyMs', {
    nullable: false,
    description: 'From the request to its end, in milliseconds.',
  }),
  timeToFirstTokenMs: t.exposeInt('timeToFirstTokenMs', {
    description: 'From the request to the first content, in milliseconds. Null for whole answers.',
  }),
  overheadMs: t.exposeFloat('overheadMs', {
    nullable: false,
    description:
      'The part of `latencyMs` that Parley itself took, in milliseconds, without waits for the provider, the client or between attempts.',
  }),
});

/** Fields shared by whole answers and the end of a stream. */
export const completionEndFields = (
  t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, CompletionEnd & Provenance>,
) => ({
  finishReason: t.expose('finishReason', { type: FinishReason, nullable: false, description: 'Why the answer ended.' }),
  rawFinishReason: t.exposeString('rawFinishReason', { description: "The provider's own value of it." }),
  refusal: t.exposeString('refusal', { description: 'The refusal in the words of the model. Null without one.' }),
  citations: t.expose('citations', {
    type: [CitationRef],
    nullable: { list: false, items: false },
    description: 'Sources, for models that search.',
  }),
  usage: t.expose('usage', { type: UsageRef, description: 'Token usage. Null when the provider does not report it.' }),
  warnings: t.expose('warnings', {
    type: [WarningRef],
    nullable: { list: false, items: false },
    description: 'Options that were left out or changed.',
  }),
  attempts: t.expose('attempts', {
    type: [AttemptRef],
    nullable: { list: false, items: false },
    description: 'All attempts in order; the last one answered.',
  }),
  object: t.field({
    type: 'JSON',
    description:
      'The JSON of the answer, for requests with `responseFormat`. With a schema it is validated, or the answer is a failure with OUTPUT_INVALID. Null for text, and for an answer that was cut off, refused or calls tools.',
    resolve: ({ object }) => object,
  }),
  serviceTier: t.exposeString('serviceTier', {
    description: "The service tier that answered, in the provider's word. Null where it does not tell.",
  }),
  logprobs: t.field({
    type: [TokenLogprobRef],
    nullable: { list: true, items: false },
    description: 'How likely each token of the text was, for `logprobs: true`. Null otherwise.',
    resolve: ({ logprobs }) => logprobs,
  }),
  ...expenseFields(t),
  providerState: t.exposeString('providerState', {
    description: 'Opaque text to send back with this assistant message in the next turn. Null without state.',
  }),
});
