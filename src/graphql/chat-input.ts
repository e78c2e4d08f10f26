import { chatLimits } from '../core/message.ts';
import { serverToolLimits } from '../core/server-tools.ts';
import { builder } from './builder.ts';
import {
  AudioFormat,
  DisconnectPolicyEnum,
  ImageDetail,
  OutputModalityEnum,
  PromptCacheTtl,
  ReasoningEffort,
  Role,
  ServiceTierEnum,
  ToolChoiceMode,
  Verbosity,
} from './enums.ts';

/** The shape of a request. Rules for values are stated once, in core/chat.ts. */

export const ImageInput = builder.inputType('ImageInput', {
  description: 'An image.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description: 'An http(s) URL, which the provider fetches, or a data URL (png, jpeg, gif, webp).',
    }),
    detail: t.field({
      type: ImageDetail,
      description: "The resolution at which the model looks at it. Default: the provider's.",
    }),
  }),
});

const MediaInput = builder.inputType('MediaInput', {
  description: 'A file, sound or video: either by `url` or as `data`.',
  fields: (t) => ({
    url: t.string({
      description:
        'An https URL or a data URL. A URL is passed to providers that fetch themselves; for others the gateway fetches it, up to 10 MiB, if the operator allows it (`images.fetch`).',
    }),
    data: t.string({ description: 'The content in base64. Requires `mediaType`.' }),
    mediaType: t.string({
      description: 'Its media type: "application/pdf", "audio/wav", "video/mp4". Not needed for a data URL.',
    }),
    name: t.string({ description: 'File name, at most 255 characters. Some models read it.' }),
  }),
});

const ContentPartInput = builder.inputType('ContentPartInput', {
  description: 'A part of a message: exactly one of `text`, `image`, `file`, `audio` and `video`.',
  fields: (t) => ({
    text: t.string({ description: 'Text.' }),
    image: t.field({
      type: ImageInput,
      description: 'An image. Only in user and tool messages, and only for models that take images.',
    }),
    file: t.field({
      type: MediaInput,
      description: 'A PDF, or a text where the provider reads files of text. Only in user and tool messages.',
    }),
    audio: t.field({ type: MediaInput, description: 'Sound, for models that hear. Only in user messages.' }),
    video: t.field({ type: MediaInput, description: 'Video, for models that see it. Only in user messages.' }),
    cacheBreakpoint: t.boolean({
      description:
        'Whether the provider should cache the prompt up to the end of this part, where it lets callers choose. Default: false.',
    }),
  }),
});

const ToolCallInput = builder.inputType('ToolCallInput', {
  description: 'A tool call of an earlier answer, unchanged.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    name: t.string({ required: true, description: 'Name of the tool.' }),
    arguments: t.string({ required: true, description: 'Its arguments as JSON text.' }),
  }),
});

const MessageInput = builder.inputType('MessageInput', {
  description: 'One message of a conversation.',
  fields: (t) => ({
    role: t.field({ type: Role, required: true, description: 'The role of its author.' }),
    content: t.string({ description: 'Its text. Give either this or `parts`.' }),
    parts: t.field({
      type: [ContentPartInput],
      description: `Its parts, at most ${chatLimits.parts}. Give either this or \`content\`.`,
    }),
    toolCalls: t.field({ type: [ToolCallInput], description: 'The tool calls of an assistant message.' }),
    isError: t.boolean({
      description:
        'In a tool message: the tool failed, and the content says how. Default: false. Anthropic receives it as `is_error`; other providers see only the content.',
    }),
    toolCallId: t.id({ description: 'Id of the tool call that a tool message answers. Required in tool messages.' }),
    providerState: t.string({
      description:
        'The `providerState` of the answer that became this assistant message, unchanged. Models that sign their reasoning need it after a tool call.',
    }),
    cacheBreakpoint: t.boolean({
      description: 'The same as `cacheBreakpoint` on its last part. Default: false.',
    }),
  }),
});

const ToolInput = builder.inputType('ToolInput', {
  description: 'A function that the model may ask the application to call.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: `Letters, digits, "_" and "-", at most ${chatLimits.name} characters. Unique in a request.`,
    }),
    description: t.string({ description: 'What the tool does and when to call it. The model reads it.' }),
    parameters: t.field({
      type: 'JSONObject',
      description: 'JSON schema of its arguments, an object. Default: no arguments.',
    }),
    strict: t.boolean({
      description: "Whether arguments must follow the schema exactly. Default: the provider's.",
    }),
  }),
});

const ToolChoiceInput = builder.inputType('ToolChoiceInput', {
  description: 'Which tools the model may call: exactly one of these fields.',
  isOneOf: true,
  fields: (t) => ({
    mode: t.field({ type: ToolChoiceMode, description: 'Whether the model calls tools.' }),
    tool: t.string({ description: 'Name of the one tool that the model has to call.' }),
  }),
});

const JsonSchemaInput = builder.inputType('JsonSchemaInput', {
  description: 'A JSON schema for the answer.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Letters, digits, "_" and "-".' }),
    description: t.string({ description: 'What the schema describes. The model reads it.' }),
    schema: t.field({ type: 'JSONObject', required: true, description: 'The JSON schema, an object.' }),
    strict: t.boolean({ description: "Whether the answer must follow the schema exactly. Default: the provider's." }),
    validate: t.boolean({
      description:
        'Whether the gateway validates the answer: what does not follow the schema is a failure with OUTPUT_INVALID. Drafts 6, 7 and 2020-12. Default: true.',
    }),
  }),
});

const ResponseFormatInput = builder.inputType('ResponseFormatInput', {
  description:
    'The format of the answer: exactly one of these fields. A model that cannot guarantee it gets an instruction in the prompt, and the answer carries a warning.',
  isOneOf: true,
  fields: (t) => ({
    text: t.boolean({ description: 'Plain text, the default. Only `true` is valid.' }),
    jsonObject: t.boolean({ description: 'Any JSON object. Only `true` is valid.' }),
    jsonSchema: t.field({ type: JsonSchemaInput, description: 'JSON that follows a schema.' }),
  }),
});

const UserLocationInput = builder.inputType('UserLocationInput', {
  description: 'An approximate place, so that a search finds what is near.',
  fields: (t) => ({
    city: t.string({ description: 'City: "Lyon".' }),
    region: t.string({ description: 'Region or state.' }),
    country: t.string({ description: 'ISO country code of two letters: "FR".' }),
    timezone: t.string({ description: 'IANA time zone: "Europe/Paris".' }),
  }),
});

const WebSearchInput = builder.inputType('WebSearchInput', {
  description: 'A search of the web by the provider. Its sources are in `citations`.',
  fields: (t) => ({
    maxUses: t.int({
      description: `Maximum searches for one answer, 1 to ${serverToolLimits.uses}. Left out with a warning where the provider has no such limit. Default: the provider's.`,
    }),
    allowedDomains: t.stringList({
      description: `Only these sites, at most ${serverToolLimits.domains}. Refused where the provider cannot limit them.`,
    }),
    blockedDomains: t.stringList({
      description: `None of these sites, at most ${serverToolLimits.domains}. Not together with \`allowedDomains\`.`,
    }),
    userLocation: t.field({ type: UserLocationInput, description: 'Where the user is.' }),
  }),
});

const CodeExecutionInput = builder.inputType('CodeExecutionInput', {
  description: 'Runs code in a sandbox of the provider. `{}` is enough.',
  fields: (t) => ({
    enabled: t.boolean({ description: '`false` is the same as leaving the tool out. Default: true.' }),
  }),
});

const UrlContextInput = builder.inputType('UrlContextInput', {
  description: 'Fetches pages that the prompt names. `{}` is enough.',
  fields: (t) => ({
    maxUses: t.int({ description: "Maximum pages for one answer, 1 to 100. Default: the provider's." }),
  }),
});

const ServerToolInput = builder.inputType('ServerToolInput', {
  description: 'A tool that the provider runs itself: exactly one of these fields.',
  isOneOf: true,
  fields: (t) => ({
    webSearch: t.field({ type: WebSearchInput, description: 'Searches the web.' }),
    codeExecution: t.field({ type: CodeExecutionInput, description: 'Runs code.' }),
    urlContext: t.field({ type: UrlContextInput, description: 'Fetches pages.' }),
  }),
});

const PromptCacheInput = builder.inputType('PromptCacheInput', {
  description:
    'Hints for the prompt cache of the provider; `{}` asks Anthropic to cache what it can. What the provider lacks is left out with a warning.',
  fields: (t) => ({
    key: t.string({
      description:
        'Requests with the same beginning and the same key meet the same cache, at most 256 characters: an id of the conversation.',
    }),
    ttl: t.field({ type: PromptCacheTtl, description: 'How long the prompt stays cached. Default: SHORT.' }),
  }),
});

const RepairInput = builder.inputType('RepairInput', {
  description: 'What happens when an answer does not follow its JSON schema.',
  fields: (t) => ({
    maxAttempts: t.int({
      description: `Further attempts, 0 to ${chatLimits.repairs}: the model is shown its answer and the issues. All attempts are charged. Default: 1.`,
    }),
  }),
});

const SpeechInput = builder.inputType('SpeechInput', {
  description: 'How sound is made.',
  fields: (t) => ({
    voice: t.string({ description: 'Name of a voice of the provider: "alloy", "Kore". Default: "alloy" for OpenAI.' }),
    format: t.field({ type: AudioFormat, description: 'Its format. Default: WAV, and PCM16 in streams.' }),
  }),
});

export const ChatInput = builder.inputType('ChatInput', {
  description:
    'A chat request. An option that the target does not support is left out with a warning (temperature, topP, topK, penalties, seed, stop, user, parallelToolCalls, effort, verbosity, logprobs, tier, prompt cache), or the request is refused before anything is spent (tools, toolChoice, media, output modalities, server tools, no reasoning).',
  fields: (t) => ({
    model: t.string({
      required: true,
      description:
        'The model: "anthropic/claude-sonnet-4-5", or its bare name together with `provider`. It need not be in the catalogue. "route/fast" names one of `routes`.',
    }),
    provider: t.string({ description: 'Id of the provider, if `model` is a bare name.' }),
    messages: t.field({
      type: [MessageInput],
      required: true,
      description: `The conversation so far, oldest message first, at most ${chatLimits.messages} messages.`,
    }),
    systemMessage: t.string({ description: 'Instructions, sent as a system message before all others.' }),
    temperature: t.float({
      description: "Sampling temperature, 0 to 2; some providers accept less. Default: the provider's.",
    }),
    topP: t.float({
      description:
        "Nucleus sampling: the share of the most likely tokens to choose from, 0 to 1. Default: the provider's.",
    }),
    maxTokens: t.int({
      description: "Maximum tokens of the answer, reasoning included, from 1. Default: the provider's.",
    }),
    stop: t.stringList({
      description: `Stop sequences: the answer ends before one of them. At most ${chatLimits.stop}.`,
    }),
    frequencyPenalty: t.float({
      description:
        "Penalizes tokens in proportion to how often they have appeared, from -2 to 2. Default: the provider's.",
    }),
    presencePenalty: t.float({
      description: "Penalizes tokens that have appeared at all, from -2 to 2. Default: the provider's.",
    }),
    seed: t.int({ description: 'Seed for best-effort deterministic sampling.' }),
    responseFormat: t.field({ type: ResponseFormatInput, description: 'The format of the answer. Default: text.' }),
    reasoningEffort: t.field({
      type: ReasoningEffort,
      description: "The reasoning effort. Default: the provider's.",
    }),
    reasoningBudget: t.int({
      description:
        'Maximum tokens of reasoning, from 1, for models that take a budget. Instead of `reasoningEffort`. Left out with a warning by others.',
    }),
    verbosity: t.field({ type: Verbosity, description: "How much the model writes. Default: the provider's." }),
    topK: t.int({
      description: "Sampling: the number of most likely tokens to choose from, from 1. Default: the provider's.",
    }),
    logprobs: t.boolean({ description: 'Whether the answer has `logprobs`. Default: false.' }),
    topLogprobs: t.int({
      description: 'How many likely tokens `logprobs` has for each place, 0 to 20. Needs `logprobs: true`.',
    }),
    logitBias: t.field({
      type: 'JSONObject',
      description: 'Bias by token id of the model, -100 to 100: `{"50256": -100}`. At most 1000.',
    }),
    serviceTier: t.field({
      type: ServiceTierEnum,
      description: "The provider's service tier. The one that answered is in the answer. Default: the provider's.",
    }),
    metadata: t.field({
      type: 'JSONObject',
      description: 'Up to 16 texts by name, for the records of a provider that keeps some. Not personal data.',
    }),
    promptCache: t.field({ type: PromptCacheInput, description: 'Hints for the prompt cache of the provider.' }),
    repair: t.field({
      type: RepairInput,
      description:
        'Ask again when the answer does not follow `responseFormat.jsonSchema`. The text of a stream then comes when it was checked. Default: no further attempt.',
    }),
    serverTools: t.field({
      type: [ServerToolInput],
      description:
        'Tools that the provider runs while it answers, each at most once. Refused for a model that has none.',
    }),
    outputModalities: t.field({
      type: [OutputModalityEnum],
      description: 'What the model answers with. Refused for a model that cannot. Default: text.',
    }),
    speech: t.field({ type: SpeechInput, description: 'How sound is made. Needs `outputModalities` with AUDIO.' }),
    providerOptions: t.field({
      type: 'JSONObject',
      description:
        'By id of a provider: fields of its own API, merged into the body of the request after everything else, `{"anthropic": {"inference_geo": "eu"}}`. Objects are merged, lists joined, other values replaced. Fields that the gateway decides (model, messages, stream, credentials, n, stored state) are refused. The operator may forbid it (`allowProviderOptions`).',
    }),
    tools: t.field({
      type: [ToolInput],
      description: `Functions that the model may call, at most ${chatLimits.tools}.`,
    }),
    toolChoice: t.field({
      type: ToolChoiceInput,
      description: 'Which tools the model may call. Default: AUTO.',
    }),
    parallelToolCalls: t.boolean({
      description: "Whether the model may call several tools at once. Default: the provider's.",
    }),
    fallbacks: t.stringList({
      description: `Models or routes to try in this order when the ones before fail, at most ${chatLimits.fallbacks}. None is tried after the first content.`,
    }),
    user: t.string({
      description:
        "An id of the end user for the provider's abuse detection, at most 256 characters. Not personal data.",
    }),
    onDisconnect: t.field({
      type: DisconnectPolicyEnum,
      description:
        'For chatStream: what happens when the last client disconnects. Default: STOP. The operator may forbid the others (`resume.allow`). With a `requestId`, sending the same request again follows the stream from its beginning instead of being refused.',
    }),
    requestId: t.id({
      description:
        'An idempotency key, at most 256 characters. A second request with the key of one that is running, or ended less than 5 minutes ago, is refused with DUPLICATE_REQUEST: a client that reconnects by itself never pays twice. If no provider had begun to work, the key is free at once.',
    }),
  }),
});
