/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** A request for an answer. An option that the target cannot honour is left out with a warning (temperature, topP, penalties, seed, stop, user, parallelToolCalls, effort), or refused before anything is spent (tools, toolChoice, images, no reasoning). */
export type ChatInput = {
  /** Models or routes to ask when the one before could not answer, in this order, 8 at most. None steps in once content has come. */
  fallbacks?: Array<string> | null | undefined;
  /** Against tokens by how often they occurred, -2 to 2. */
  frequencyPenalty?: number | null | undefined;
  /** Most tokens of the answer, reasoning included. Default: as much as the provider allows. */
  maxTokens?: number | null | undefined;
  /** The conversation so far, oldest first, 1000 messages at most. */
  messages: Array<MessageInput>;
  /** Who answers: "anthropic/claude-sonnet-4-5", or the bare name together with `provider`. Need not be in the catalogue. "route/fast" names one of `routes`. */
  model: string;
  /** Whether several tools may be called at once. Default: the provider's own. */
  parallelToolCalls?: boolean | null | undefined;
  /** Against tokens that occurred at all, -2 to 2. */
  presencePenalty?: number | null | undefined;
  /** Id of the provider, where `model` is a bare name. */
  provider?: string | null | undefined;
  /** How much to reason. Default: the provider's own. */
  reasoningEffort?: ReasoningEffort | null | undefined;
  /** An id of your own. A second request with the id of one that runs, or ended in the last 5 minutes, is refused: a client that reconnects by itself never pays twice. Where it failed before a provider worked for it, the id is free at once. */
  requestId?: string | number | null | undefined;
  /** The form of the answer. Default: text. */
  responseFormat?: ResponseFormatInput | null | undefined;
  /** For answers that can be repeated, as far as a provider can. */
  seed?: number | null | undefined;
  /** Texts at which the answer ends, 16 at most. */
  stop?: Array<string> | null | undefined;
  /** Instructions, as a system message before all others. */
  systemMessage?: string | null | undefined;
  /** Randomness, 0 to 2; some providers take less. */
  temperature?: number | null | undefined;
  /** Whether and which tools are called. Default: as the model thinks fit. */
  toolChoice?: ToolChoiceInput | null | undefined;
  /** Functions that the model may call, 128 at most. */
  tools?: Array<ToolInput> | null | undefined;
  /** Share of likely tokens to choose from, 0 to 1. */
  topP?: number | null | undefined;
  /** An id of the end user for the abuse checks of the provider. No personal data. */
  user?: string | null | undefined;
};

/** A piece of a message: exactly one of these. */
export type ContentPartInput =
  {   /** An image. Only in user messages, and only for models that take images. */
  image: ImageInput; text?: never; }
  |  { image?: never;   /** Text. */
  text: string; };

/** Why there is no answer. The list only grows. */
export type FailureCode =
  /** The caller has spent its money of this day; `retryAfterMs` says when the next begins. Nothing was sent. */
  | 'BUDGET_EXCEEDED'
  /** The caller left before the answer was complete; the call to the provider was stopped. */
  | 'CANCELLED'
  /** The provider refused the prompt or the answer for its usage policy. */
  | 'CONTENT_FILTERED'
  /** The messages and the requested output do not fit into the context window of the model. */
  | 'CONTEXT_LENGTH_EXCEEDED'
  /** A request with this requestId is running or ended a short while ago. Nothing was sent. */
  | 'DUPLICATE_REQUEST'
  /** A defect of the gateway. Its log has the details; the answer has none. */
  | 'INTERNAL'
  /** The request breaks a rule of ChatInput; `issues` name each place. Nothing was sent. */
  | 'INVALID_REQUEST'
  /** The key of this caller may not ask this model, or one of the fallbacks. Nothing was sent. */
  | 'MODEL_NOT_ALLOWED'
  /** The provider does not know this model, or no longer offers it. */
  | 'MODEL_NOT_FOUND'
  /** The gateway answers as many requests as it can, of all or of this provider; `retryAfterMs` says when to ask again. Nothing was sent. */
  | 'OVERLOADED'
  /** The provider is known, but this gateway has no key for it. Nothing was sent. */
  | 'PROVIDER_NOT_CONFIGURED'
  /** The caller has had as many requests, tokens or streams as it may have at a time; `retryAfterMs` says for how long. Nothing was sent. */
  | 'RATE_LIMITED'
  /** The gateway stops: it takes no new requests, and what is not complete in time ends here. Another gateway may answer. */
  | 'SHUTTING_DOWN'
  /** The model and all its fallbacks failed; `attempts` lists each try with its own code. */
  | 'TARGETS_EXHAUSTED'
  /** No provider of this name is built in or configured. Nothing was sent. */
  | 'UNKNOWN_PROVIDER'
  /** The target cannot honour an option that changes the contract (tools, images, response format, ...). Nothing was sent. */
  | 'UNSUPPORTED_OPTION'
  /** The provider refused the key of this gateway, or the key may not use this model. */
  | 'UPSTREAM_AUTHENTICATION'
  /** The account of this gateway at the provider has no credit or has reached its spending limit. */
  | 'UPSTREAM_BILLING'
  /** The provider failed inside (HTTP 5xx, or an error event in a stream). */
  | 'UPSTREAM_ERROR'
  /** The answer of the provider is not in the form of its API. */
  | 'UPSTREAM_MALFORMED'
  /** The provider is overloaded or down for maintenance (HTTP 503, 529). */
  | 'UPSTREAM_OVERLOADED'
  /** The provider limits the rate of this gateway; `retryAfterMs` says for how long, where the provider told. */
  | 'UPSTREAM_RATE_LIMITED'
  /** The provider called the request invalid (HTTP 400, 413, 422, ...). */
  | 'UPSTREAM_REJECTED'
  /** The provider did not answer in time. */
  | 'UPSTREAM_TIMEOUT'
  /** The answer of the provider ended without its end marker, so a part of it may be missing. */
  | 'UPSTREAM_TRUNCATED'
  /** The target failed so often of late that it is not asked for now; `retryAfterMs` says for how long. Nothing was sent. */
  | 'UPSTREAM_UNAVAILABLE'
  /** No connection to the provider, or the connection broke. */
  | 'UPSTREAM_UNREACHABLE';

/** Why an answer ended. */
export type FinishReason =
  /** The model or the provider refused; see `refusal`. */
  | 'CONTENT_FILTER'
  /** The provider says that it failed to complete the answer. */
  | 'ERROR'
  /** maxTokens, the limit of the model or its context window was reached; the answer is cut off. */
  | 'LENGTH'
  /** A reason that has no common name; see `rawFinishReason`. */
  | 'OTHER'
  /** The model was done, or met a stop sequence. */
  | 'STOP'
  /** The model called tools and waits for their results. */
  | 'TOOL_CALL';

/** How closely a model looks at an image, where it can be told. */
export type ImageDetail =
  /** As the provider thinks fit. */
  | 'AUTO'
  /** Closely, for more tokens. */
  | 'HIGH'
  /** Coarsely, for few tokens. */
  | 'LOW';

/** An image. */
export type ImageInput = {
  /** How closely to look. Default: the provider's own. */
  detail?: ImageDetail | null | undefined;
  /** An https URL, which the provider fetches, or a data URL (png, jpeg, gif, webp). */
  url: string;
};

/** A schema that the answer follows. */
export type JsonSchemaInput = {
  /** What it describes; the model reads it. */
  description?: string | null | undefined;
  /** Letters, digits, "_" and "-". */
  name: string;
  /** The JSON schema, an object. */
  schema: Record<string, unknown>;
  /** Whether the answer must follow it exactly. Default: the provider's own. */
  strict?: boolean | null | undefined;
};

/** One message of a conversation. */
export type MessageInput = {
  /** Its text. Give this or `parts`. */
  content?: string | null | undefined;
  /** Its pieces, 100 at most. Give this or `content`. */
  parts?: Array<ContentPartInput> | null | undefined;
  /** The `providerState` of the answer that this assistant message was, unchanged. Models that sign their reasoning need it to go on after a tool call. */
  providerState?: string | null | undefined;
  /** Who says it. */
  role: Role;
  /** The call that a tool message answers. Required there. */
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

/** Where a model is in its life, by the notices of its provider. */
export type ModelStatus =
  /** In service. */
  | 'ACTIVE'
  /** Its end is announced, or its id is answered by a successor; see `retired`. */
  | 'DEPRECATED'
  /** Out of service since `retired`. */
  | 'RETIRED'
  /** In no current list of its provider, and no notice was found. */
  | 'UNKNOWN';

/** Whether a provider can be asked now. */
export type ProviderStatus =
  /** Each of its keys rests for at least one model, after a limit or a refusal; see `until`. */
  | 'COOLING_DOWN'
  /** Known, but this gateway has no key for it. */
  | 'MISSING_KEY'
  /** It failed so often for a model, with each of its keys, that this model is not asked for now; see `until`. */
  | 'OPEN'
  /** Configured: requests go to the real provider. */
  | 'READY'
  /** Answered on this machine, over the wire of the provider and for free. */
  | 'SANDBOX';

/** How much a model reasons before it answers. An effort that the model has no word for becomes the nearest one, with a warning. */
export type ReasoningEffort =
  /** The provider's own default. The same as leaving it out. */
  | 'AUTO'
  /** Much. */
  | 'HIGH'
  /** A little. */
  | 'LOW'
  /** Some. */
  | 'MEDIUM'
  /** As little as possible. */
  | 'MINIMAL'
  /** Not at all. Refused with UNSUPPORTED_OPTION for a model that cannot stop reasoning. */
  | 'NONE'
  /** As much as possible. */
  | 'XHIGH';

/** The form of the answer: exactly one of these. A model that does not guarantee it is asked for it in the prompt, and the answer carries a warning. */
export type ResponseFormatInput =
  {   /** Some JSON object. Only `true` makes sense. */
  jsonObject: boolean; jsonSchema?: never; text?: never; }
  |  { jsonObject?: never;   /** JSON that follows a schema. */
  jsonSchema: JsonSchemaInput; text?: never; }
  |  { jsonObject?: never; jsonSchema?: never;   /** Plain text. The default. Only `true` makes sense. */
  text: boolean; };

/** Who says a message. */
export type Role =
  /** An earlier answer of a model. */
  | 'ASSISTANT'
  /** Instructions of the application. May stand anywhere; providers that take them only in front get them there. */
  | 'SYSTEM'
  /** The result of a tool call. */
  | 'TOOL'
  /** The person, or the application in their place. */
  | 'USER';

/** The strictest answer format that a model itself guarantees. */
export type StructuredOutput =
  /** Some JSON object. */
  | 'JSON_OBJECT'
  /** JSON that follows a given schema. */
  | 'JSON_SCHEMA'
  /** None. JSON is asked for in the prompt. */
  | 'NONE';

/** A tool call of an earlier answer, as it was received. */
export type ToolCallInput = {
  /** Its arguments, as JSON text. */
  arguments: string;
  /** Its id. */
  id: string | number;
  /** Name of the tool. */
  name: string;
};

/** Whether and which tools are called: exactly one of these. */
export type ToolChoiceInput =
  {   /** Whether the model calls tools. */
  mode: ToolChoiceMode; tool?: never; }
  |  { mode?: never;   /** Name of the one tool that the model has to call. */
  tool: string; };

/** Whether the model calls tools. */
export type ToolChoiceMode =
  /** As it thinks fit. The default when tools are given. */
  | 'AUTO'
  /** Not at all. */
  | 'NONE'
  /** At least one. */
  | 'REQUIRED';

/** A function that the model may ask the application to call. */
export type ToolInput = {
  /** What it does and when to call it. */
  description?: string | null | undefined;
  /** Letters, digits, "_" and "-", 64 at most. Unique in a request. */
  name: string;
  /** JSON schema of its arguments, an object. Default: none. */
  parameters?: Record<string, unknown> | null | undefined;
  /** Whether arguments must follow the schema exactly. Default: the provider's own. */
  strict?: boolean | null | undefined;
};

export type CatalogueQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogueQuery = { models: Array<{ id: string, displayName: string, contextWindow: number | null, inputModalities: Array<Modality> | null, status: ModelStatus, retired: string | null, isAvailable: boolean, isSandbox: boolean, provider: { id: string, name: string, status: ProviderStatus }, pricing: { inputPerMillion: number, outputPerMillion: number } | null, supports: { reasoning: boolean | null, sampling: boolean | null, tools: boolean | null, structuredOutput: StructuredOutput | null } }> };

export type CompareSubscriptionVariables = Exact<{
  input: ChatInput;
}>;


export type CompareSubscription = { chatStream:
    | { __typename: 'CompletionFailed', code: FailureCode, message: string, retryable: boolean, retryAfterMs: number | null, issues: Array<{ path: string, message: string }>, usage: { inputTokens: number | null, outputTokens: number | null, reasoningOutputTokens: number | null } | null, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'CompletionFinished', finishReason: FinishReason, rawFinishReason: string | null, refusal: string | null, latencyMs: number, timeToFirstTokenMs: number | null, citations: Array<{ url: string, title: string | null }>, usage: { inputTokens: number | null, outputTokens: number | null, reasoningOutputTokens: number | null } | null, cost: { total: number, currency: string } | null, warnings: Array<{ option: string, message: string }>, attempts: Array<{ provider: string, model: string, code: FailureCode | null, status: number | null, durationMs: number }> }
    | { __typename: 'CompletionStarted', provider: string, model: string, isSandbox: boolean }
    | { __typename: 'ContentDelta', text: string }
    | { __typename: 'ReasoningDelta', text: string }
    | { __typename: 'ToolCallDelta', index: number, name: string, argumentsDelta: string }
   };

export type ProvidersQueryVariables = Exact<{ [key: string]: never; }>;


export type ProvidersQuery = { providers: Array<{ id: string, name: string, status: ProviderStatus, availableAt: string | null, keys: Array<{ name: string, cooldowns: Array<{ model: string | null, status: ProviderStatus, code: FailureCode, availableAt: string }> }> }>, usage: { since: string, rows: Array<{ name: string, requests: number, errors: number, inputTokens: number, outputTokens: number, costUsd: number, unpricedRequests: number, timeToFirstTokenMs: { p50: number, p95: number } | null }> } };
