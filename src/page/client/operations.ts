/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
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

/** Whether a provider is available. */
export type ProviderStatus =
  /** Each of its keys is cooling down for at least one model, after a rate limit or a refusal; see `availableAt`. */
  | 'COOLING_DOWN'
  /** Known, but this gateway has no key for it. */
  | 'MISSING_KEY'
  /** The circuit breaker is open for a model with each of its keys, after repeated failures; see `availableAt`. */
  | 'OPEN'
  /** Configured: requests go to the real provider. */
  | 'READY'
  /** Answered on this machine by the sandbox, in the provider's wire format and for free. */
  | 'SANDBOX';

/** The strictest response format that a model itself guarantees. */
export type StructuredOutput =
  /** Any JSON object. */
  | 'JSON_OBJECT'
  /** JSON that follows a given schema. */
  | 'JSON_SCHEMA'
  /** None. JSON is requested in the prompt. */
  | 'NONE';

export type CatalogueQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogueQuery = { models: Array<{ id: string, displayName: string, contextWindow: number | null, inputModalities: Array<Modality> | null, status: ModelStatus, released: string | null, retired: string | null, isAvailable: boolean, isSandbox: boolean, provider: { id: string, name: string, status: ProviderStatus }, pricing: { inputPerMillion: number, outputPerMillion: number } | null, supports: { reasoning: boolean | null, sampling: boolean | null, tools: boolean | null, structuredOutput: StructuredOutput | null } }> };

export type ProvidersQueryVariables = Exact<{ [key: string]: never; }>;


export type ProvidersQuery = { providers: Array<{ id: string, name: string, status: ProviderStatus, availableAt: string | null, keys: Array<{ name: string, cooldowns: Array<{ model: string | null, status: ProviderStatus, code: FailureCode, availableAt: string }> }> }>, usage: { since: string, rows: Array<{ name: string, requests: number, errors: number, inputTokens: number, outputTokens: number, costUsd: number, unpricedRequests: number, timeToFirstTokenMs: { p50: number, p95: number } | null }> } };
