/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** The format of sound. */
export type AudioFormat =
  /** AAC. */
  | 'AAC'
  /** FLAC. */
  | 'FLAC'
  /** MP3. */
  | 'MP3'
  /** Opus. */
  | 'OPUS'
  /** Samples of 16 bit at 24 kHz, little-endian, without a head. The only one that OpenAI streams. */
  | 'PCM16'
  /** WAV. */
  | 'WAV';

/** A chat request. An option that the target does not support is left out with a warning (temperature, topP, topK, penalties, seed, stop, user, parallelToolCalls, effort, verbosity, logprobs, tier, prompt cache), or the request is refused before anything is spent (tools, toolChoice, media, output modalities, server tools, no reasoning). */
export type ChatInput = {
  /** Models or routes to try in this order when the ones before fail, at most 8. None is tried after the first content. */
  fallbacks?: Array<string> | null | undefined;
  /** Penalizes tokens in proportion to how often they have appeared, from -2 to 2. Default: the provider's. */
  frequencyPenalty?: number | null | undefined;
  /** Bias by token id of the model, -100 to 100: `{"50256": -100}`. At most 1000. */
  logitBias?: Record<string, unknown> | null | undefined;
  /** Whether the answer has `logprobs`. Default: false. */
  logprobs?: boolean | null | undefined;
  /** Maximum tokens of the answer, reasoning included, from 1. Default: the provider's. */
  maxTokens?: number | null | undefined;
  /** The conversation so far, oldest message first, at most 1000 messages. */
  messages: Array<MessageInput>;
  /** Up to 16 texts by name, for the records of a provider that keeps some. Not personal data. */
  metadata?: Record<string, unknown> | null | undefined;
  /** The model: "anthropic/claude-sonnet-4-5", or its bare name together with `provider`. It need not be in the catalogue. "route/fast" names one of `routes`. */
  model: string;
  /** For chatStream: what happens when the last client disconnects. Default: STOP. The operator may forbid the others (`resume.allow`). With a `requestId`, sending the same request again follows the stream from its beginning instead of being refused. */
  onDisconnect?: DisconnectPolicy | null | undefined;
  /** What the model answers with. Refused for a model that cannot. Default: text. */
  outputModalities?: Array<OutputModality> | null | undefined;
  /** Whether the model may call several tools at once. Default: the provider's. */
  parallelToolCalls?: boolean | null | undefined;
  /** Penalizes tokens that have appeared at all, from -2 to 2. Default: the provider's. */
  presencePenalty?: number | null | undefined;
  /** Hints for the prompt cache of the provider. */
  promptCache?: PromptCacheInput | null | undefined;
  /** Id of the provider, if `model` is a bare name. */
  provider?: string | null | undefined;
  /** By id of a provider: fields of its own API, merged into the body of the request after everything else, `{"anthropic": {"inference_geo": "eu"}}`. Objects are merged, lists joined, other values replaced. Fields that the gateway decides (model, messages, stream, credentials, n, stored state) are refused. The operator may forbid it (`allowProviderOptions`). */
  providerOptions?: Record<string, unknown> | null | undefined;
  /** Maximum tokens of reasoning, from 1, for models that take a budget. Instead of `reasoningEffort`. Left out with a warning by others. */
  reasoningBudget?: number | null | undefined;
  /** The reasoning effort. Default: the provider's. */
  reasoningEffort?: ReasoningEffort | null | undefined;
  /** Ask again when the answer does not follow `responseFormat.jsonSchema`. The text of a stream then comes when it was checked. Default: no further attempt. */
  repair?: RepairInput | null | undefined;
  /** An idempotency key, at most 256 characters. A second request with the key of one that is running, or ended less than 5 minutes ago, is refused with DUPLICATE_REQUEST: a client that reconnects by itself never pays twice. If no provider had begun to work, the key is free at once. */
  requestId?: string | number | null | undefined;
  /** The format of the answer. Default: text. */
  responseFormat?: ResponseFormatInput | null | undefined;
  /** Seed for best-effort deterministic sampling. */
  seed?: number | null | undefined;
  /** Tools that the provider runs while it answers, each at most once. Refused for a model that has none. */
  serverTools?: Array<ServerToolInput> | null | undefined;
  /** The provider's service tier. The one that answered is in the answer. Default: the provider's. */
  serviceTier?: ServiceTier | null | undefined;
  /** How sound is made. Needs `outputModalities` with AUDIO. */
  speech?: SpeechInput | null | undefined;
  /** Stop sequences: the answer ends before one of them. At most 16. */
  stop?: Array<string> | null | undefined;
  /** Instructions, sent as a system message before all others. */
  systemMessage?: string | null | undefined;
  /** Sampling temperature, 0 to 2; some providers accept less. Default: the provider's. */
  temperature?: number | null | undefined;
  /** Which tools the model may call. Default: AUTO. */
  toolChoice?: ToolChoiceInput | null | undefined;
  /** Functions that the model may call, at most 128. */
  tools?: Array<ToolInput> | null | undefined;
  /** Sampling: the number of most likely tokens to choose from, from 1. Default: the provider's. */
  topK?: number | null | undefined;
  /** How many likely tokens `logprobs` has for each place, 0 to 20. Needs `logprobs: true`. */
  topLogprobs?: number | null | undefined;
  /** Nucleus sampling: the share of the most likely tokens to choose from, 0 to 1. Default: the provider's. */
  topP?: number | null | undefined;
  /** An id of the end user for the provider's abuse detection, at most 256 characters. Not personal data. */
  user?: string | null | undefined;
  /** How much the model writes. Default: the provider's. */
  verbosity?: Verbosity | null | undefined;
};

/** Runs code in a sandbox of the provider. `{}` is enough. */
export type CodeExecutionInput = {
  /** `false` is the same as leaving the tool out. Default: true. */
  enabled?: boolean | null | undefined;
};

/** A part of a message: exactly one of `text`, `image`, `file`, `audio` and `video`. */
export type ContentPartInput = {
  /** Sound, for models that hear. Only in user messages. */
  audio?: MediaInput | null | undefined;
  /** Whether the provider should cache the prompt up to the end of this part, where it lets callers choose. Default: false. */
  cacheBreakpoint?: boolean | null | undefined;
  /** A PDF, or a text where the provider reads files of text. Only in user and tool messages. */
  file?: MediaInput | null | undefined;
  /** An image. Only in user and tool messages, and only for models that take images. */
  image?: ImageInput | null | undefined;
  /** Text. */
  text?: string | null | undefined;
  /** Video, for models that see it. Only in user messages. */
  video?: MediaInput | null | undefined;
};

/** What happens to a stream when its last client disconnects. */
export type DisconnectPolicy =
  /** The answer is completed, and kept for `resume.keepMs` (default 10 min). `stopChatStream` stops it at once. */
  | 'FINISH'
  /** The provider is stopped at once. Nothing is kept. */
  | 'STOP'
  /** The provider goes on for `resume.graceMs` (default 30 s), for a client to come back; then it is stopped. `stopChatStream` stops it at once. */
  | 'WAIT';

/** Texts to embed, or items of texts and images, and the model that does it. */
export type EmbedInput = {
  /** Length of the vectors, for models that can shorten them. Default: the full length of the model. */
  dimensions?: number | null | undefined;
  /** The same model at other providers, at most 8, tried in order when one fails. Another model is refused: vectors of two models cannot be compared. */
  fallbacks?: Array<string> | null | undefined;
  /** The texts, 1 to 2,048. None may be empty. More than one request of the provider takes are sent as several, side by side. Required without `items`. */
  input?: Array<string> | null | undefined;
  /** Instead of `input`: 1 to 2,048 items of texts and images, for models whose `takesImages` is true. Others take items of texts and refuse images with UNSUPPORTED_OPTION. */
  items?: Array<EmbedItemInput> | null | undefined;
  /** "provider/model", such as "openai/text-embedding-3-small", or the name alone beside `provider`. */
  model: string;
  /** Id of the provider, where `model` is the name alone. */
  provider?: string | null | undefined;
  /** Idempotency key: while it is in use, a second request with it is refused with DUPLICATE_REQUEST. */
  requestId?: string | number | null | undefined;
  /** What the vectors are for. Cohere and Google distinguish it; for others it is named in `warnings`. */
  taskType?: EmbedTaskType | null | undefined;
  /** Your id of the end user, passed on where a provider has a field for it. */
  user?: string | null | undefined;
};

/** What one vector stands for. */
export type EmbedItemInput = {
  /** Texts and images, 1 to 16. */
  parts: Array<EmbedPartInput>;
};

/** Exactly one of `text` and `image`. */
export type EmbedPartInput = {
  /** An image, by URL or as a data URL. `detail` has no effect. */
  image?: ImageInput | null | undefined;
  /** A text. It may not be empty. */
  text?: string | null | undefined;
};

/** What vectors are for. */
export type EmbedTaskType =
  /** Texts for a classifier. */
  | 'CLASSIFICATION'
  /** Texts to be grouped. */
  | 'CLUSTERING'
  /** A text to be found. Default at Cohere. */
  | 'DOCUMENT'
  /** A question, to be compared with DOCUMENT vectors. */
  | 'QUERY'
  /** Texts to be compared with each other. */
  | 'SIMILARITY';

/** Why there is no answer. Values are added, never removed. */
export type FailureCode =
  /** The daily budget of this caller is used up or reserved. The client has to wait until `retryAfterMs`, or the operator to raise the budget. Nothing was sent. */
  | 'BUDGET_EXCEEDED'
  /** The client disconnected or the request was stopped before the answer was complete; the request to the provider was cancelled. */
  | 'CANCELLED'
  /** The usage policy of the provider blocked the prompt or the answer. The client has to change the prompt. */
  | 'CONTENT_FILTERED'
  /** The messages and the requested output exceed the context window of the model. The client has to shorten the conversation or lower maxTokens. */
  | 'CONTEXT_LENGTH_EXCEEDED'
  /** A request with this requestId is running or ended less than five minutes ago. The client has to use a new id for a new request. Nothing was sent. */
  | 'DUPLICATE_REQUEST'
  /** A defect of the gateway. The operator finds the details in its log; the answer has none. */
  | 'INTERNAL'
  /** The request breaks a rule of ChatInput; `issues` name each place. The client has to change the request. Nothing was sent. */
  | 'INVALID_REQUEST'
  /** This caller may not use the model or one of the fallbacks. The client has to use another model, or the operator to allow it. Nothing was sent. */
  | 'MODEL_NOT_ALLOWED'
  /** The provider does not know this model, or has retired it. The client has to use another model. */
  | 'MODEL_NOT_FOUND'
  /** The answer does not follow the JSON schema of the request; `issues` name each place. The client may ask for `repair`, simplify the schema, or use another model. The tokens were used. */
  | 'OUTPUT_INVALID'
  /** The gateway has as many concurrent requests as it accepts, in total or for this provider. Retry after `retryAfterMs`. Nothing was sent. */
  | 'OVERLOADED'
  /** The gateway has no key for this provider. The operator has to add one, or the client to use another provider. Nothing was sent. */
  | 'PROVIDER_NOT_CONFIGURED'
  /** A limit of this caller is reached: requests or tokens per minute, or concurrent streams. The client has to wait for `retryAfterMs`. Nothing was sent. */
  | 'RATE_LIMITED'
  /** The gateway is shutting down: it accepts no new requests, and requests that did not complete in time end here. Retry; another gateway may answer. */
  | 'SHUTTING_DOWN'
  /** The gateway that ran this stream is gone, or its text outgrew `resume.maxBytes` without a client; the rest of the answer is lost. Retry the request; the text so far stays valid. */
  | 'STREAM_LOST'
  /** No stream of this caller has this id: it was never kept, has expired, or belongs to another caller. The client has to send the request again. */
  | 'STREAM_NOT_FOUND'
  /** The model and all its fallbacks failed; `attempts` lists each attempt with its own code. Retry where `retryable`. */
  | 'TARGETS_EXHAUSTED'
  /** No provider of this name is built in or configured. The client has to name another one. Nothing was sent. */
  | 'UNKNOWN_PROVIDER'
  /** The target does not support an option that changes the contract (tools, images, response format, ...). The client has to leave it out or use another model. Nothing was sent. */
  | 'UNSUPPORTED_OPTION'
  /** The provider refused the key of this gateway, or the key may not use this model. The operator has to act. */
  | 'UPSTREAM_AUTHENTICATION'
  /** The account of this gateway at the provider has no credit or has reached its spending limit. The operator has to act. */
  | 'UPSTREAM_BILLING'
  /** The provider failed (HTTP 5xx, or an error event in a stream). Retry. */
  | 'UPSTREAM_ERROR'
  /** The response of the provider does not have the form of its API. Retry; if it stays, the operator has to check its base URL. */
  | 'UPSTREAM_MALFORMED'
  /** The provider is overloaded or down for maintenance (HTTP 503, 529). Retry later. */
  | 'UPSTREAM_OVERLOADED'
  /** The provider limits the rate of this gateway. Retry after `retryAfterMs`, where the provider says it; the operator may raise the limit. */
  | 'UPSTREAM_RATE_LIMITED'
  /** The provider called the request invalid (HTTP 400, 413, 422, ...). The client has to change the request. */
  | 'UPSTREAM_REJECTED'
  /** The provider did not answer within a timeout. Retry, or the operator raises the timeout. */
  | 'UPSTREAM_TIMEOUT'
  /** The answer of the provider ended without its end marker, so a part of it may be missing. Retry. */
  | 'UPSTREAM_TRUNCATED'
  /** The circuit breaker of this target is open after repeated failures of the provider. Retry after `retryAfterMs`. Nothing was sent. */
  | 'UPSTREAM_UNAVAILABLE'
  /** The gateway could not connect to the provider, or the connection broke. Retry; if it stays, the operator has to act. */
  | 'UPSTREAM_UNREACHABLE';

/** Why an answer ended. */
export type FinishReason =
  /** The model or the provider refused; see `refusal`. */
  | 'CONTENT_FILTER'
  /** The provider reports that it failed to complete the answer. */
  | 'ERROR'
  /** maxTokens, the limit of the model or its context window was reached; the answer is cut off. */
  | 'LENGTH'
  /** A reason without a common name; see `rawFinishReason`. */
  | 'OTHER'
  /** The model was done, or reached a stop sequence. */
  | 'STOP'
  /** The model called tools and needs their results. */
  | 'TOOL_CALL';

/** The resolution at which a model looks at an image, where it can be chosen. */
export type ImageDetail =
  /** The provider's choice. */
  | 'AUTO'
  /** High resolution, for more tokens. */
  | 'HIGH'
  /** Low resolution, for few tokens. */
  | 'LOW'
  /** The image as it is, without scaling it down. HIGH where a provider has no such value. */
  | 'ORIGINAL';

/** An image. */
export type ImageInput = {
  /** The resolution at which the model looks at it. Default: the provider's. */
  detail?: ImageDetail | null | undefined;
  /** An http(s) URL, which the provider fetches, or a data URL (png, jpeg, gif, webp). */
  url: string;
};

/** A JSON schema for the answer. */
export type JsonSchemaInput = {
  /** What the schema describes. The model reads it. */
  description?: string | null | undefined;
  /** Letters, digits, "_" and "-". */
  name: string;
  /** The JSON schema, an object. */
  schema: Record<string, unknown>;
  /** Whether the answer must follow the schema exactly. Default: the provider's. */
  strict?: boolean | null | undefined;
  /** Whether the gateway validates the answer: what does not follow the schema is a failure with OUTPUT_INVALID. Drafts 6, 7 and 2020-12. Default: true. */
  validate?: boolean | null | undefined;
};

/** A file, sound or video: either by `url` or as `data`. */
export type MediaInput = {
  /** The content in base64. Requires `mediaType`. */
  data?: string | null | undefined;
  /** Its media type: "application/pdf", "audio/wav", "video/mp4". Not needed for a data URL. */
  mediaType?: string | null | undefined;
  /** File name, at most 255 characters. Some models read it. */
  name?: string | null | undefined;
  /** An https URL or a data URL. A URL is passed to providers that fetch themselves; for others the gateway fetches it, up to 10 MiB, if the operator allows it (`images.fetch`). */
  url?: string | null | undefined;
};

/** One message of a conversation. */
export type MessageInput = {
  /** The same as `cacheBreakpoint` on its last part. Default: false. */
  cacheBreakpoint?: boolean | null | undefined;
  /** Its text. Give either this or `parts`. */
  content?: string | null | undefined;
  /** In a tool message: the tool failed, and the content says how. Default: false. Anthropic receives it as `is_error`; other providers see only the content. */
  isError?: boolean | null | undefined;
  /** Its parts, at most 100. Give either this or `content`. */
  parts?: Array<ContentPartInput> | null | undefined;
  /** The `providerState` of the answer that became this assistant message, unchanged. Models that sign their reasoning need it after a tool call. */
  providerState?: string | null | undefined;
  /** The role of its author. */
  role: Role;
  /** Id of the tool call that a tool message answers. Required in tool messages. */
  toolCallId?: string | number | null | undefined;
  /** The tool calls of an assistant message. */
  toolCalls?: Array<ToolCallInput> | null | undefined;
};

/** A kind of input. */
export type Modality =
  /** Audio. */
  | 'AUDIO'
  /** Images. */
  | 'IMAGE'
  /** PDF documents. */
  | 'PDF'
  /** Text. */
  | 'TEXT'
  /** Video. */
  | 'VIDEO';

/** Conditions that a model has to meet, all of them. A model without a known fact does not meet a condition on it. */
export type ModelFilter = {
  /** Whether `cacheBreakpoint` is sent. */
  cacheBreakpoints?: boolean | null | undefined;
  /** Whether this gateway can use it now. */
  isAvailable?: boolean | null | undefined;
  /** Whether `logprobs` is sent. */
  logprobs?: boolean | null | undefined;
  /** Maximum price of input, in USD per million tokens. */
  maxInputPrice?: number | null | undefined;
  /** Minimum context window, in tokens. */
  minContextWindow?: number | null | undefined;
  /** Kinds of input it supports, all of them. */
  modalities?: Array<Modality> | null | undefined;
  /** What it answers with, all of them. */
  outputModalities?: Array<OutputModality> | null | undefined;
  /** Whether `promptCache.key` is sent. */
  promptCacheKey?: boolean | null | undefined;
  /** Id of its provider. */
  provider?: string | null | undefined;
  /** Whether it reasons. */
  reasoning?: boolean | null | undefined;
  /** Words that occur in its id, display name or family, in any order and case. At most 200 characters. */
  search?: string | null | undefined;
  /** Tools that its provider runs, all of them. */
  serverTools?: Array<ServerToolName> | null | undefined;
  /** A service tier that can be chosen. */
  serviceTier?: ServiceTier | null | undefined;
  /** One of these stages. */
  status?: Array<ModelStatus> | null | undefined;
  /** A response format that it guarantees, or a stricter one. */
  structuredOutput?: StructuredOutput | null | undefined;
  /** Whether it supports tool calls. */
  tools?: boolean | null | undefined;
};

/** Lifecycle stage of a model, by the notices of its provider. */
export type ModelStatus =
  /** In service. */
  | 'ACTIVE'
  /** Its retirement is announced, or a successor answers under its id; see `retired`. */
  | 'DEPRECATED'
  /** No longer available since `retired`. */
  | 'RETIRED'
  /** In no current list of its provider, and without a notice. */
  | 'UNKNOWN';

/** What a model answers with. */
export type OutputModality =
  /** Sound. */
  | 'AUDIO'
  /** Images. */
  | 'IMAGE'
  /** Text. */
  | 'TEXT';

/** Hints for the prompt cache of the provider; `{}` asks Anthropic to cache what it can. What the provider lacks is left out with a warning. */
export type PromptCacheInput = {
  /** Requests with the same beginning and the same key meet the same cache, at most 256 characters: an id of the conversation. */
  key?: string | null | undefined;
  /** How long the prompt stays cached. Default: SHORT. */
  ttl?: PromptCacheTtl | null | undefined;
};

/** How long a provider keeps a cached prompt. */
export type PromptCacheTtl =
  /** The longest that it offers: 1 hour (Anthropic), 12 or 24 hours (OpenAI). */
  | 'LONG'
  /** The provider's default: about 5 minutes to half an hour. */
  | 'SHORT';

/** How much a model reasons before it answers. A value that the model lacks becomes the nearest one, with a warning. */
export type ReasoningEffort =
  /** The provider's default. The same as leaving it out. */
  | 'AUTO'
  /** Much. */
  | 'HIGH'
  /** A little. */
  | 'LOW'
  /** Some. */
  | 'MEDIUM'
  /** As little as possible. */
  | 'MINIMAL'
  /** No reasoning. Refused with UNSUPPORTED_OPTION for a model that cannot turn it off. */
  | 'NONE'
  /** As much as possible. */
  | 'XHIGH';

/** What happens when an answer does not follow its JSON schema. */
export type RepairInput = {
  /** Further attempts, 0 to 3: the model is shown its answer and the issues. All attempts are charged. Default: 1. */
  maxAttempts?: number | null | undefined;
};

/** The format of the answer: exactly one of these fields. A model that cannot guarantee it gets an instruction in the prompt, and the answer carries a warning. */
export type ResponseFormatInput =
  {   /** Any JSON object. Only `true` is valid. */
  jsonObject: boolean; jsonSchema?: never; text?: never; }
  |  { jsonObject?: never;   /** JSON that follows a schema. */
  jsonSchema: JsonSchemaInput; text?: never; }
  |  { jsonObject?: never; jsonSchema?: never;   /** Plain text, the default. Only `true` is valid. */
  text: boolean; };

/** The role of the author of a message. */
export type Role =
  /** An earlier answer of a model. */
  | 'ASSISTANT'
  /** Instructions of the application. Allowed anywhere; providers that accept them only first get them there. */
  | 'SYSTEM'
  /** The result of a tool call. */
  | 'TOOL'
  /** The user, or the application on their behalf. */
  | 'USER';

/** A tool that the provider runs itself: exactly one of these fields. */
export type ServerToolInput =
  {   /** Runs code. */
  codeExecution: CodeExecutionInput; urlContext?: never; webSearch?: never; }
  |  { codeExecution?: never;   /** Fetches pages. */
  urlContext: UrlContextInput; webSearch?: never; }
  |  { codeExecution?: never; urlContext?: never;   /** Searches the web. */
  webSearch: WebSearchInput; };

/** A tool that a provider runs itself. */
export type ServerToolName =
  /** Runs code that the model writes. */
  | 'CODE_EXECUTION'
  /** Fetches pages that the prompt names. */
  | 'URL_CONTEXT'
  /** Searches the web. */
  | 'WEB_SEARCH';

/** What happens to the run of a server tool. */
export type ServerToolStatus =
  /** Its result is there. */
  | 'DONE'
  /** It failed; the model goes on without it. */
  | 'FAILED'
  /** It runs: the provider is searching, fetching or computing. */
  | 'RUNNING';

/** How a provider processes a request, and what it costs. */
export type ServiceTier =
  /** The provider's choice, by the account's settings. */
  | 'AUTO'
  /** Standard speed at the list price. */
  | 'DEFAULT'
  /** Slower, and cheaper. */
  | 'FLEX'
  /** Faster, and dearer. */
  | 'PRIORITY';

/** How sound is made. */
export type SpeechInput = {
  /** Its format. Default: WAV, and PCM16 in streams. */
  format?: AudioFormat | null | undefined;
  /** Name of a voice of the provider: "alloy", "Kore". Default: "alloy" for OpenAI. */
  voice?: string | null | undefined;
};

/** The result of stopping a stream. */
export type StopOutcome =
  /** It had ended before. */
  | 'ENDED'
  /** This caller has no stream of this id: it was not kept, or has expired. */
  | 'NOT_FOUND'
  /** It was running. Its readers get CompletionFailed with CANCELLED. */
  | 'STOPPED';

/** The strictest response format that a model itself guarantees. */
export type StructuredOutput =
  /** Any JSON object. */
  | 'JSON_OBJECT'
  /** JSON that follows a given schema. */
  | 'JSON_SCHEMA'
  /** None. JSON is requested in the prompt. */
  | 'NONE';

/** A tool call of an earlier answer, unchanged. */
export type ToolCallInput = {
  /** Its arguments as JSON text. */
  arguments: string;
  /** Its id. */
  id: string | number;
  /** Name of the tool. */
  name: string;
};

/** Which tools the model may call: exactly one of these fields. */
export type ToolChoiceInput =
  {   /** Whether the model calls tools. */
  mode: ToolChoiceMode; tool?: never; }
  |  { mode?: never;   /** Name of the one tool that the model has to call. */
  tool: string; };

/** Whether the model calls tools. */
export type ToolChoiceMode =
  /** The model's choice. The default when tools are given. */
  | 'AUTO'
  /** No tool calls. */
  | 'NONE'
  /** At least one tool call. */
  | 'REQUIRED';

/** A function that the model may ask the application to call. */
export type ToolInput = {
  /** What the tool does and when to call it. The model reads it. */
  description?: string | null | undefined;
  /** Letters, digits, "_" and "-", at most 64 characters. Unique in a request. */
  name: string;
  /** JSON schema of its arguments, an object. Default: no arguments. */
  parameters?: Record<string, unknown> | null | undefined;
  /** Whether arguments must follow the schema exactly. Default: the provider's. */
  strict?: boolean | null | undefined;
};

/** Fetches pages that the prompt names. `{}` is enough. */
export type UrlContextInput = {
  /** Maximum pages for one answer, 1 to 100. Default: the provider's. */
  maxUses?: number | null | undefined;
};

/** An approximate place, so that a search finds what is near. */
export type UserLocationInput = {
  /** City: "Lyon". */
  city?: string | null | undefined;
  /** ISO country code of two letters: "FR". */
  country?: string | null | undefined;
  /** Region or state. */
  region?: string | null | undefined;
  /** IANA time zone: "Europe/Paris". */
  timezone?: string | null | undefined;
};

/** How much a model writes. */
export type Verbosity =
  /** Long answers. */
  | 'HIGH'
  /** Short answers. */
  | 'LOW'
  /** Answers of usual length. */
  | 'MEDIUM';

/** A search of the web by the provider. Its sources are in `citations`. */
export type WebSearchInput = {
  /** Only these sites, at most 100. Refused where the provider cannot limit them. */
  allowedDomains?: Array<string> | null | undefined;
  /** None of these sites, at most 100. Not together with `allowedDomains`. */
  blockedDomains?: Array<string> | null | undefined;
  /** Maximum searches for one answer, 1 to 100. Left out with a warning where the provider has no such limit. Default: the provider's. */
  maxUses?: number | null | undefined;
  /** Where the user is. */
  userLocation?: UserLocationInput | null | undefined;
};

type EventFields_CompletionFailed_Fragment = { __typename: 'CompletionFailed', cursor: string, code: FailureCode, message: string, retryable: boolean, retryAfterMs: number | null, issues: Array<{ path: string, message: string }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> };

type EventFields_CompletionFinished_Fragment = { __typename: 'CompletionFinished', cursor: string, finishReason: FinishReason, rawFinishReason: string | null, refusal: string | null, object: unknown, providerState: string | null, serviceTier: string | null, latencyMs: number, timeToFirstTokenMs: number | null, citations: Array<{ url: string, title: string | null, text: string | null, places: Array<{ start: number, end: number }> }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, warnings: Array<{ option: string, message: string }>, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> };

type EventFields_CompletionStarted_Fragment = { __typename: 'CompletionStarted', id: string, streamId: string, cursor: string, provider: string, model: string, created: string, isSandbox: boolean };

type EventFields_ContentDelta_Fragment = { __typename: 'ContentDelta', text: string, cursor: string };

type EventFields_FileDelta_Fragment = { __typename: 'FileDelta', index: number, mediaType: string, data: string, cursor: string };

type EventFields_ObjectDelta_Fragment = { __typename: 'ObjectDelta', object: unknown, cursor: string };

type EventFields_ReasoningDelta_Fragment = { __typename: 'ReasoningDelta', text: string, cursor: string };

type EventFields_ServerToolEvent_Fragment = { __typename: 'ServerToolEvent', id: string, tool: ServerToolName, status: ServerToolStatus, input: string | null, cursor: string };

type EventFields_ToolCallDelta_Fragment = { __typename: 'ToolCallDelta', index: number, id: string, name: string, argumentsDelta: string, cursor: string };

export type EventFieldsFragment =
  | EventFields_CompletionFailed_Fragment
  | EventFields_CompletionFinished_Fragment
  | EventFields_CompletionStarted_Fragment
  | EventFields_ContentDelta_Fragment
  | EventFields_FileDelta_Fragment
  | EventFields_ObjectDelta_Fragment
  | EventFields_ReasoningDelta_Fragment
  | EventFields_ServerToolEvent_Fragment
  | EventFields_ToolCallDelta_Fragment
;

export type ChatStreamSubscriptionVariables = Exact<{
  input: ChatInput;
}>;


export type ChatStreamSubscription = { chatStream:
    | { __typename: 'CompletionFailed', cursor: string, code: FailureCode, message: string, retryable: boolean, retryAfterMs: number | null, issues: Array<{ path: string, message: string }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'CompletionFinished', cursor: string, finishReason: FinishReason, rawFinishReason: string | null, refusal: string | null, object: unknown, providerState: string | null, serviceTier: string | null, latencyMs: number, timeToFirstTokenMs: number | null, citations: Array<{ url: string, title: string | null, text: string | null, places: Array<{ start: number, end: number }> }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, warnings: Array<{ option: string, message: string }>, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'CompletionStarted', id: string, streamId: string, cursor: string, provider: string, model: string, created: string, isSandbox: boolean }
    | { __typename: 'ContentDelta', text: string, cursor: string }
    | { __typename: 'FileDelta', index: number, mediaType: string, data: string, cursor: string }
    | { __typename: 'ObjectDelta', object: unknown, cursor: string }
    | { __typename: 'ReasoningDelta', text: string, cursor: string }
    | { __typename: 'ServerToolEvent', id: string, tool: ServerToolName, status: ServerToolStatus, input: string | null, cursor: string }
    | { __typename: 'ToolCallDelta', index: number, id: string, name: string, argumentsDelta: string, cursor: string }
   };

export type ResumeChatStreamSubscriptionVariables = Exact<{
  streamId: string | number;
  after?: string | null | undefined;
}>;


export type ResumeChatStreamSubscription = { resumeChatStream:
    | { __typename: 'CompletionFailed', cursor: string, code: FailureCode, message: string, retryable: boolean, retryAfterMs: number | null, issues: Array<{ path: string, message: string }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'CompletionFinished', cursor: string, finishReason: FinishReason, rawFinishReason: string | null, refusal: string | null, object: unknown, providerState: string | null, serviceTier: string | null, latencyMs: number, timeToFirstTokenMs: number | null, citations: Array<{ url: string, title: string | null, text: string | null, places: Array<{ start: number, end: number }> }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, warnings: Array<{ option: string, message: string }>, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'CompletionStarted', id: string, streamId: string, cursor: string, provider: string, model: string, created: string, isSandbox: boolean }
    | { __typename: 'ContentDelta', text: string, cursor: string }
    | { __typename: 'FileDelta', index: number, mediaType: string, data: string, cursor: string }
    | { __typename: 'ObjectDelta', object: unknown, cursor: string }
    | { __typename: 'ReasoningDelta', text: string, cursor: string }
    | { __typename: 'ServerToolEvent', id: string, tool: ServerToolName, status: ServerToolStatus, input: string | null, cursor: string }
    | { __typename: 'ToolCallDelta', index: number, id: string, name: string, argumentsDelta: string, cursor: string }
   };

export type ChatQueryVariables = Exact<{
  input: ChatInput;
}>;


export type ChatQuery = { chat:
    | { __typename: 'ChatFailure', code: FailureCode, message: string, retryable: boolean, retryAfterMs: number | null, issues: Array<{ path: string, message: string }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'Completion', id: string, provider: string, model: string, created: string, isSandbox: boolean, text: string, reasoning: string | null, finishReason: FinishReason, rawFinishReason: string | null, refusal: string | null, object: unknown, providerState: string | null, serviceTier: string | null, latencyMs: number, timeToFirstTokenMs: number | null, toolCalls: Array<{ id: string, name: string, arguments: string }>, files: Array<{ mediaType: string, data: string }>, citations: Array<{ url: string, title: string | null, text: string | null, places: Array<{ start: number, end: number }> }>, usage: { inputTokens: number | null, outputTokens: number | null, totalTokens: number | null, reasoningOutputTokens: number | null, cacheReadInputTokens: number | null, cacheWriteInputTokens: number | null, isPartial: boolean } | null, cost: { total: number, input: number, output: number, saved: number | null, currency: string } | null, warnings: Array<{ option: string, message: string }>, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
   };

export type ChatStreamsQueryVariables = Exact<{ [key: string]: never; }>;


export type ChatStreamsQuery = { chatStreams: Array<{ streamId: string, requestId: string | null }> };

export type StopChatStreamMutationVariables = Exact<{
  streamId: string | number;
}>;


export type StopChatStreamMutation = { stopChatStream: { outcome: StopOutcome } };

export type EmbedQueryVariables = Exact<{
  input: EmbedInput;
}>;


export type EmbedQuery = { embed:
    | { __typename: 'EmbedFailure', code: FailureCode, message: string, retryable: boolean, retryAfterMs: number | null, issues: Array<{ path: string, message: string }>, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'Embeddings', provider: string, model: string, dimensions: number, isSandbox: boolean, vectors: Array<{ values: Array<number> }>, usage: { inputTokens: number | null, totalTokens: number | null } | null, cost: { total: number, currency: string } | null, warnings: Array<{ option: string, message: string }> }
   };

export type ModelsQueryVariables = Exact<{
  filter?: ModelFilter | null | undefined;
}>;


export type ModelsQuery = { models: Array<{ id: string, displayName: string, contextWindow: number | null, maxOutputTokens: number | null, inputModalities: Array<Modality> | null, status: ModelStatus, isAvailable: boolean, isSandbox: boolean, provider: { id: string }, pricing: { inputPerMillion: number, outputPerMillion: number } | null, supports: { tools: boolean | null, structuredOutput: StructuredOutput | null, reasoning: boolean | null } }> };
