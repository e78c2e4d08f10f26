import type { reasoningEfforts, toolChoiceModes } from '../core/chat.ts';
import type { finishReasons } from '../core/completion.ts';
import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { imageDetails, roles } from '../core/message.ts';
import type { modalities, modelStatuses, providerStatuses, structuredOutputs } from '../core/model.ts';
import type { UsageGroup } from '../core/usage.ts';
import { builder } from './builder.ts';

/** One list in two spellings: `content_filter` in the core, `CONTENT_FILTER` in GraphQL. */
function createEnum<const T extends string>(name: string, description: string, values: Readonly<Record<T, string>>) {
  const entries = Object.entries<string>(values).map(([value, description]) => [
    value.toUpperCase(),
    { value: value as T, description: description },
  ]);
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(entries) as Record<string, { value: T; description: string }>,
  });
}

export const Role = createEnum('Role', 'Who says a message.', {
  system: 'Instructions of the application. May stand anywhere; providers that take them only in front get them there.',
  user: 'The person, or the application in their place.',
  assistant: 'An earlier answer of a model.',
  tool: 'The result of a tool call.',
} satisfies Record<(typeof roles)[number], string>);

export const ImageDetail = createEnum('ImageDetail', 'How closely a model looks at an image, where it can be told.', {
  auto: 'As the provider thinks fit.',
  low: 'Coarsely, for few tokens.',
  high: 'Closely, for more tokens.',
} satisfies Record<(typeof imageDetails)[number], string>);

export const ReasoningEffort = createEnum(
  'ReasoningEffort',
  'How much a model reasons before it answers. An effort that the model has no word for becomes the nearest one, with a warning.',
  {
    auto: "The provider's own default. The same as leaving it out.",
    none: 'Not at all. Refused with UNSUPPORTED_OPTION for a model that cannot stop reasoning.',
    minimal: 'As little as possible.',
    low: 'A little.',
    medium: 'Some.',
    high: 'Much.',
    xhigh: 'As much as possible.',
  } satisfies Record<(typeof reasoningEfforts)[number], string>,
);

export const ToolChoiceMode = createEnum('ToolChoiceMode', 'Whether the model calls tools.', {
  auto: 'As it thinks fit. The default when tools are given.',
  none: 'Not at all.',
  required: 'At least one.',
} satisfies Record<(typeof toolChoiceModes)[number], string>);

export const FinishReason = createEnum('FinishReason', 'Why an answer ended.', {
  stop: 'The model was done, or met a stop sequence.',
  length: 'maxTokens, the limit of the model or its context window was reached; the answer is cut off.',
  content_filter: 'The model or the provider refused; see `refusal`.',
  tool_call: 'The model called tools and waits for their results.',
  error: 'The provider says that it failed to complete the answer.',
  other: 'A reason that has no common name; see `rawFinishReason`.',
} satisfies Record<(typeof finishReasons)[number], string>);

export const FailureCodeEnum = builder.enumType('FailureCode', {
  description: 'Why there is no answer. The list only grows.',
  values: Object.fromEntries(
    Object.entries(failureCodes).map(([code, { description }]) => [code, { value: code as FailureCode, description }]),
  ) as Record<FailureCode, { value: FailureCode; description: string }>,
});

export const Modality = createEnum('Modality', 'A kind of input.', {
  text: 'Text.',
  image: 'Images.',
  audio: 'Audio.',
  video: 'Video.',
  pdf: 'PDF documents.',
} satisfies Record<(typeof modalities)[number], string>);

export const ModelStatus = createEnum('ModelStatus', 'Where a model is in its life, by the notices of its provider.', {
  active: 'In service.',
  deprecated: 'Its end is announced, or its id is answered by a successor; see `retired`.',
  retired: 'Out of service since `retired`.',
  unknown: 'In no current list of its provider, and no notice was found.',
} satisfies Record<(typeof modelStatuses)[number], string>);

export const StructuredOutput = createEnum(
  'StructuredOutput',
  'The strictest answer format that a model itself guarantees.',
  {
    none: 'None. JSON is asked for in the prompt.',
    json_object: 'Some JSON object.',
    json_schema: 'JSON that follows a given schema.',
  } satisfies Record<(typeof structuredOutputs)[number], string>,
);

export const UsageGroupEnum = createEnum('UsageGroup', 'What usage is summed up by.', {
  provider: 'Providers.',
  model: 'Models, with their providers.',
  caller: 'Callers.',
} satisfies Record<UsageGroup, string>);

export const ProviderStatus = createEnum('ProviderStatus', 'Whether a provider can be asked now.', {
  ready: 'Configured: requests go to the real provider.',
  cooling_down: 'Each of its keys rests for at least one model, after a limit or a refusal; see `until`.',
  open: 'It failed so often for a model, with each of its keys, that this model is not asked for now; see `until`.',
  sandbox: 'Answered on this machine, over the wire of the provider and for free.',
  missing_key: 'Known, but this gateway has no key for it.',
} satisfies Record<(typeof providerStatuses)[number], string>);
