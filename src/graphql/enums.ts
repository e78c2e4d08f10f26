import type {
  audioFormats,
  promptCacheTtls,
  reasoningEfforts,
  serviceTiers,
  toolChoiceModes,
  verbosities,
} from '../core/chat.ts';
import type { finishReasons, ServerToolStatus } from '../core/completion.ts';
import type { DisconnectPolicy } from '../core/disconnect-policy.ts';
import type { EmbedTaskType } from '../core/embed.ts';
import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { KeptStreamStatus, StopOutcome } from '../core/kept-streams.ts';
import type { imageDetails } from '../core/media.ts';
import type { roles } from '../core/message.ts';
import type { modalities, modelStatuses, providerStatuses, structuredOutputs } from '../core/model.ts';
import type { outputModalities } from '../core/output-modalities.ts';
import type { ServerToolName } from '../core/server-tools.ts';
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

export const Role = createEnum('Role', 'The role of the author of a message.', {
  system: 'Instructions of the application. Allowed anywhere; providers that accept them only first get them there.',
  user: 'The user, or the application on their behalf.',
  assistant: 'An earlier answer of a model.',
  tool: 'The result of a tool call.',
} satisfies Record<(typeof roles)[number], string>);

export const ImageDetail = createEnum(
  'ImageDetail',
  'The resolution at which a model looks at an image, where it can be chosen.',
  {
    auto: "The provider's choice.",
    low: 'Low resolution, for few tokens.',
    high: 'High resolution, for more tokens.',
    original: 'The image as it is, without scaling it down. HIGH where a provider has no such value.',
  } satisfies Record<(typeof imageDetails)[number], string>,
);

export const ReasoningEffort = createEnum(
  'ReasoningEffort',
  'How much a model reasons before it answers. A value that the model lacks becomes the nearest one, with a warning.',
  {
    auto: "The provider's default. The same as leaving it out.",
    none: 'No reasoning. Refused with UNSUPPORTED_OPTION for a model that cannot turn it off.',
    minimal: 'As little as possible.',
    low: 'A little.',
    medium: 'Some.',
    high: 'Much.',
    xhigh: 'As much as possible.',
  } satisfies Record<(typeof reasoningEfforts)[number], string>,
);

export const ToolChoiceMode = createEnum('ToolChoiceMode', 'Whether the model calls tools.', {
  auto: "The model's choice. The default when tools are given.",
  none: 'No tool calls.',
  required: 'At least one tool call.',
} satisfies Record<(typeof toolChoiceModes)[number], string>);

export const EmbedTaskTypeEnum = createEnum('EmbedTaskType', 'What vectors are for.', {
  query: 'A question, to be compared with DOCUMENT vectors.',
  document: 'A text to be found. Default at Cohere.',
  similarity: 'Texts to be compared with each other.',
  classification: 'Texts for a classifier.',
  clustering: 'Texts to be grouped.',
} satisfies Record<EmbedTaskType, string>);

export const Verbosity = createEnum('Verbosity', 'How much a model writes.', {
  low: 'Short answers.',
  medium: 'Answers of usual length.',
  high: 'Long answers.',
} satisfies Record<(typeof verbosities)[number], string>);

export const ServiceTierEnum = createEnum('ServiceTier', 'How a provider processes a request, and what it costs.', {
  auto: "The provider's choice, by the account's settings.",
  default: 'Standard speed at the list price.',
  flex: 'Slower, and cheaper.',
  priority: 'Faster, and dearer.',
} satisfies Record<(typeof serviceTiers)[number], string>);

export const PromptCacheTtl = createEnum('PromptCacheTtl', 'How long a provider keeps a cached prompt.', {
  short: "The provider's default: about 5 minutes to half an hour.",
  long: 'The longest that it offers: 1 hour (Anthropic), 12 or 24 hours (OpenAI).',
} satisfies Record<(typeof promptCacheTtls)[number], string>);

export const OutputModalityEnum = createEnum('OutputModality', 'What a model answers with.', {
  text: 'Text.',
  image: 'Images.',
  audio: 'Sound.',
} satisfies Record<(typeof outputModalities)[number], string>);

export const AudioFormat = createEnum('AudioFormat', 'The format of sound.', {
  wav: 'WAV.',
  mp3: 'MP3.',
  flac: 'FLAC.',
  opus: 'Opus.',
  aac: 'AAC.',
  pcm16: 'Samples of 16 bit at 24 kHz, little-endian, without a head. The only one that OpenAI streams.',
} satisfies Record<(typeof audioFormats)[number], string>);

export const ServerToolNameEnum = createEnum('ServerToolName', 'A tool that a provider runs itself.', {
  web_search: 'Searches the web.',
  code_execution: 'Runs code that the model writes.',
  url_context: 'Fetches pages that the prompt names.',
} satisfies Record<ServerToolName, string>);

export const ServerToolStatusEnum = createEnum('ServerToolStatus', 'What happens to the run of a server tool.', {
  running: 'It runs: the provider is searching, fetching or computing.',
  done: 'Its result is there.',
  failed: 'It failed; the model goes on without it.',
} satisfies Record<ServerToolStatus, string>);

export const FinishReason = createEnum('FinishReason', 'Why an answer ended.', {
  stop: 'The model was done, or reached a stop sequence.',
  length: 'maxTokens, the limit of the model or its context window was reached; the answer is cut off.',
  content_filter: 'The model or the provider refused; see `refusal`.',
  tool_call: 'The model called tools and needs their results.',
  error: 'The provider reports that it failed to complete the answer.',
  other: 'A reason without a common name; see `rawFinishReason`.',
} satisfies Record<(typeof finishReasons)[number], string>);

export const DisconnectPolicyEnum = createEnum(
  'DisconnectPolicy',
  'What happens to a stream when its last client disconnects.',
  {
    stop: 'The provider is stopped at once. Nothing is kept.',
    wait: 'The provider goes on for `resume.graceMs` (default 30 s), for a client to come back; then it is stopped. `stopChatStream` stops it at once.',
    finish:
      'The answer is completed, and kept for `resume.keepMs` (default 10 min). `stopChatStream` stops it at once.',
  } satisfies Record<DisconnectPolicy, string>,
);

export const ChatStreamStatus = createEnum('ChatStreamStatus', 'The state of a kept stream.', {
  starting: 'The provider has sent no content yet.',
  running: 'A client follows it.',
  waiting: 'It runs without a client; see `expiresAt`.',
  finished: 'The answer is complete, and kept until `expiresAt`.',
  failed: 'It ended with a failure, which is kept until `expiresAt`.',
} satisfies Record<KeptStreamStatus, string>);

export const StopOutcomeEnum = createEnum('StopOutcome', 'The result of stopping a stream.', {
  stopped: 'It was running. Its readers get CompletionFailed with CANCELLED.',
  ended: 'It had ended before.',
  not_found: 'This caller has no stream of this id: it was not kept, or has expired.',
} satisfies Record<StopOutcome, string>);

export const FailureCodeEnum = builder.enumType('FailureCode', {
  description: 'Why there is no answer. Values are added, never removed.',
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

export const ModelStatus = createEnum('ModelStatus', 'Lifecycle stage of a model, by the notices of its provider.', {
  active: 'In service.',
  deprecated: 'Its retirement is announced, or a successor answers under its id; see `retired`.',
  retired: 'No longer available since `retired`.',
  unknown: 'In no current list of its provider, and without a notice.',
} satisfies Record<(typeof modelStatuses)[number], string>);

export const StructuredOutput = createEnum(
  'StructuredOutput',
  'The strictest response format that a model itself guarantees.',
  {
    none: 'None. JSON is requested in the prompt.',
    json_object: 'Any JSON object.',
    json_schema: 'JSON that follows a given schema.',
  } satisfies Record<(typeof structuredOutputs)[number], string>,
);

export const UsageGroupEnum = createEnum('UsageGroup', 'What usage is grouped by.', {
  provider: 'Providers.',
  model: 'Models, with their providers.',
  caller: 'Callers.',
} satisfies Record<UsageGroup, string>);

export const ProviderStatus = createEnum('ProviderStatus', 'Whether a provider is available.', {
  ready: 'Configured: requests go to the real provider.',
  cooling_down:
    'Each of its keys is cooling down for at least one model, after a rate limit or a refusal; see `availableAt`.',
  open: 'The circuit breaker is open for a model with each of its keys, after repeated failures; see `availableAt`.',
  sandbox: "Answered on this machine by the sandbox, in the provider's wire format and for free.",
  missing_key: 'Known, but this gateway has no key for it.',
} satisfies Record<(typeof providerStatuses)[number], string>);
