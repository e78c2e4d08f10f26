import type { FailureCode } from '../core/errors.ts';

/** OpenAI's shapes as they are written here, and what rides in them that OpenAI has no place for. */

export type ChatCompletion = {
  readonly id: string;
  readonly object: 'chat.completion';
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly [
    {
      readonly index: 0;
      readonly message: AssistantMessage;
      readonly logprobs: null;
      readonly finish_reason: FinishReason;
    },
  ];
  readonly usage: CompletionUsage | null;
  readonly x_parley: XParley;
};

export type ChatCompletionChunk = {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChunkChoice[];
  /** Only there when asked for: null on all chunks but the last. */
  readonly usage?: CompletionUsage | null;
  readonly x_parley?: XParley;
};

export type ChunkChoice = {
  readonly index: 0;
  readonly delta: ChunkDelta;
  readonly logprobs: null;
  readonly finish_reason: FinishReason | null;
};

/** `error` and `other` are no words of OpenAI: an answer that ended so must not look like one that is complete. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'error' | 'other';

/** What a message has beyond its text: most of it OpenAI's, `reasoning_content` DeepSeek's, and the last one ours. */
export type MessageExtras = {
  readonly reasoning_content?: string;
  readonly annotations?: readonly Annotation[];
  /** Comes back by itself from all who send an answer's message back as it was. */
  readonly provider_state?: string;
};

export type AssistantMessage = MessageExtras & {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly refusal: string | null;
  readonly tool_calls?: readonly ToolCall[];
};

export type ChunkDelta = MessageExtras & {
  readonly role?: 'assistant';
  readonly content?: string;
  readonly refusal?: string;
  readonly tool_calls?: readonly ToolCallDelta[];
};

export type ToolCall = {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
};

/** The first piece of a call has its id and name, the others only more of its arguments. */
export type ToolCallDelta =
  | (ToolCall & { readonly index: number })
  | { readonly index: number; readonly function: { readonly arguments: string } };

/** OpenAI's has places in the text too. No provider tells them in a way that all share, so they are left out. */
export type Annotation = {
  readonly type: 'url_citation';
  readonly url_citation: { readonly url: string; readonly title: string };
};

/** Null is "not told by the provider". */
export type CompletionUsage = {
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number; readonly cache_write_tokens?: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
};

export type XParleyAttempt = {
  readonly provider: string;
  readonly model: string;
  /** Its name: "openai#2". */
  readonly key: string | null;
  readonly code: FailureCode | null;
  readonly status: number | null;
  readonly duration_ms: number;
};

export type XParleyWarning = { readonly option: string; readonly message: string };

export type XParleyCost = {
  readonly total: number;
  readonly input: number;
  readonly output: number;
  readonly currency: string;
  readonly price_source: string;
  readonly priced_at: string;
};

export type XParleyExpense = {
  readonly latency_ms: number;
  readonly time_to_first_token_ms?: number;
  readonly overhead_ms: number;
  readonly cost?: XParleyCost;
};

/** `x_parley` of an answer: what GraphQL tells of it and OpenAI has no field for. What is not known is left out. */
export type XParley = XParleyExpense & {
  readonly provider: string;
  readonly is_sandbox: boolean;
  readonly finish_reason: string;
  readonly raw_finish_reason?: string;
  readonly warnings: readonly XParleyWarning[];
  readonly attempts: readonly XParleyAttempt[];
  readonly citations?: readonly { readonly url: string; readonly title?: string; readonly text?: string }[];
  readonly provider_state?: string;
};

export type ErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
    /** The field that is wrong, in OpenAI's spelling. */
    readonly param: string | null;
    readonly code: string;
    readonly x_parley?: XParleyFailure;
  };
};

/** `x_parley` of a failure. It stands inside of `error`, for that is all of a body that OpenAI's SDKs hand on. */
export type XParleyFailure = XParleyExpense & {
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  readonly provider?: string;
  readonly model?: string;
  readonly attempts: readonly XParleyAttempt[];
  readonly usage?: CompletionUsage;
  readonly issues: readonly { readonly param: string; readonly message: string }[];
};

export type ModelObject = {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
};
