import type {
  Attempt,
  Citation,
  CompletionEnd,
  Cost,
  Expense,
  Provenance,
  Usage,
  Warning,
} from '../core/completion.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { FailureCodeEnum, FinishReason } from './enums.ts';

/** Fields shared by whole answers, streams and failures. */

export const UsageRef = builder.objectRef<Usage>('Usage').implement({
  description: 'Tokens, counted by the provider. Null where it does not tell.',
  fields: (t) => ({
    inputTokens: t.exposeInt('inputTokens', { description: 'All tokens read, cache reads and writes included.' }),
    outputTokens: t.exposeInt('outputTokens', { description: 'All tokens written, reasoning included.' }),
    totalTokens: t.exposeInt('totalTokens', { description: 'Input and output together.' }),
    cacheReadInputTokens: t.exposeInt('cacheReadInputTokens', {
      description: 'Part of the input that came from a cache.',
    }),
    cacheWriteInputTokens: t.exposeInt('cacheWriteInputTokens', {
      description: 'Part of the input that was put into a cache.',
    }),
    reasoningOutputTokens: t.exposeInt('reasoningOutputTokens', {
      description: 'Part of the output that was reasoning.',
    }),
    billedInputTokens: t.int({
      description: 'Input that is charged for, where the provider says that it is not all it read (Cohere).',
      resolve: ({ billed }) => billed?.input,
    }),
    billedOutputTokens: t.int({
      description: 'Output that is charged for, where the provider says that it is not all it wrote (Cohere).',
      resolve: ({ billed }) => billed?.output,
    }),
    isPartial: t.boolean({
      nullable: false,
      description: 'Whether it was counted up to a failure: more may have been used.',
      resolve: ({ isPartial = false }) => isPartial,
    }),
  }),
});

const CostRef = builder.objectRef<Cost>('Cost').implement({
  description:
    'What an answer costs: as the provider tells, or else by the price list. In the sandbox: what the real provider would have charged.',
  fields: (t) => ({
    total: t.exposeFloat('total', {
      nullable: false,
      description: 'Input and output together, and what some charge for a request.',
    }),
    input: t.exposeFloat('input', { nullable: false, description: 'Input tokens, cached ones at their own price.' }),
    output: t.exposeFloat('output', { nullable: false, description: 'Output tokens.' }),
    currency: t.exposeString('currency', { nullable: false, description: 'ISO 4217 code: "USD".' }),
    priceSource: t.exposeString('priceSource', {
      nullable: false,
      description:
        'Where the price was read: "parley.yaml", "genai-prices" with its version, or a source of the catalogue.',
    }),
    pricedAt: t.exposeString('pricedAt', {
      nullable: false,
      description: 'The state of that source, YYYY-MM-DD or YYYY-MM.',
    }),
  }),
});

const WarningRef = builder.objectRef<Warning>('Warning').implement({
  description: 'An option that was left out or changed, because the target cannot honour it as given.',
  fields: (t) => ({
    option: t.exposeString('option', { nullable: false, description: 'Its name in ChatInput.' }),
    message: t.exposeString('message', { nullable: false, description: 'What was done, and why.' }),
  }),
});

export const AttemptRef = builder.objectRef<Attempt>('Attempt').implement({
  description: 'One try at one target; or a target that was passed over, which has no status and took no time.',
  fields: (t) => ({
    provider: t.exposeString('provider', { nullable: false, description: 'Who was asked.' }),
    model: t.exposeString('model', { nullable: false, description: 'For which model.' }),
    key: t.exposeString('key', {
      description: 'Name of the key that was used: "openai#2". Null where none was, or the provider asks for none.',
    }),
    code: t.expose('code', { type: FailureCodeEnum, description: 'Why it failed. Null when it answered.' }),
    status: t.exposeInt('status', { description: 'HTTP status of the provider. Null when there was no answer.' }),
    durationMs: t.exposeInt('durationMs', {
      nullable: false,
      description: 'From its start to its end, in milliseconds.',
    }),
  }),
});

const CitationRef = builder.objectRef<Citation>('Citation').implement({
  description: 'A source that the answer rests on. Marks like [1] in the text count from the first one.',
  fields: (t) => ({
    url: t.exposeString('url', { nullable: false, description: 'Where it is.' }),
    title: t.exposeString('title', { description: 'Its title.' }),
    text: t.exposeString('text', { description: 'The passage that was used.' }),
  }),
});

/** Fields shared by answers and failures. */
export const expenseFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Expense>) => ({
  cost: t.expose('cost', {
    type: CostRef,
    description:
      'What it costs. Null when the price or the usage is not known: never a guess. For an answer that broke off, what is known to be spent at least.',
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
      'The part of `latencyMs` that Parley itself took, in milliseconds: waiting for the provider, for the reader and between two tries is not in it.',
  }),
});

/** Fields shared by whole answers and the end of a stream. */
export const completionEndFields = (
  t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, CompletionEnd & Provenance>,
) => ({
  finishReason: t.expose('finishReason', { type: FinishReason, nullable: false, description: 'Why it ended.' }),
  rawFinishReason: t.exposeString('rawFinishReason', { description: "The provider's own word for it." }),
  refusal: t.exposeString('refusal', { description: 'Why the model refused, in its own words. Null when it did not.' }),
  citations: t.expose('citations', {
    type: [CitationRef],
    nullable: { list: false, items: false },
    description: 'Sources, for models that search.',
  }),
  usage: t.expose('usage', { type: UsageRef, description: 'Tokens used. Null when the provider does not tell.' }),
  warnings: t.expose('warnings', {
    type: [WarningRef],
    nullable: { list: false, items: false },
    description: 'Options that were left out or changed.',
  }),
  attempts: t.expose('attempts', {
    type: [AttemptRef],
    nullable: { list: false, items: false },
    description: 'Every try in order; the last one answered.',
  }),
  ...expenseFields(t),
  providerState: t.exposeString('providerState', {
    description: 'Opaque text to send back with this assistant message in the next turn. Null when there is none.',
  }),
});
