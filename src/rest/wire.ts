import type { FailureCode } from '../core/errors.ts';

/** OpenAI's shapes as this face writes them, and the extensions in them. */

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
  /** Only on request: null on all chunks but the last. */
  readonly usage?: CompletionUsage | null;
  readonly x_parley?: XParley;
};

export type ChunkChoice = {
  readonly index: 0;
  readonly delta: ChunkDelta;
  readonly logprobs: null;
  readonly finish_reason: FinishReason | null;
};

/** `error` and `other` are no values of OpenAI: such an answer must not look complete. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'error' | 'other';

/** Message fields beyond the text: most are OpenAI's, `reasoning_content` is DeepSeek's, and the last is ours. */
export type MessageExtras = {
  readonly reasoning_content?: string;
  readonly annotations?: readonly Annotation[];
  /** Comes back from all clients that return an answer's message unchanged. */
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

/** The first piece of a call has its id and name, later ones only arguments. */
export type ToolCallDelta =
  | (ToolCall & { readonly index: number })
  | { readonly index: number; readonly function: { readonly arguments: string } };

/** OpenAI's also has positions in the text. Providers report those in no common way, so they are left out. */
export type Annotation = {
  readonly type: 'url_citation';
  readonly url_citation: { readonly url: string; readonly title: string };
};

/** `null` is "not reported by the provider". */
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
  /** Name of the key: "openai#2". */
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

/** `x_parley` of an answer: fields of GraphQL that OpenAI lacks. Unknown values are left out. */
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
    /** The invalid field, in OpenAI's spelling. */
    readonly param: string | null;
    readonly code: string;
    readonly x_parley?: XParleyFailure;
  };
};

/** `x_parley` of a failure. It is inside of `error`, the only part of a body that OpenAI's SDKs pass on. */
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
