import type { FailureCode } from '../core/errors.ts';
import type { ExtraContent } from './carried-state.ts';

/** OpenAI's shapes as this face writes them, and the extensions in them. */

export type ChatCompletion = {
  readonly id: string;
  readonly object: 'chat.completion';
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly [Choice, ...Choice[]];
  /** Absent where the provider counted less than both sides. */
  readonly usage?: CompletionUsage;
  /** Clients with strict schemas require it. */
  readonly system_fingerprint: string | null;
  readonly service_tier?: string;
  readonly x_parley: XParley;
};

export type Choice = {
  readonly index: number;
  readonly message: AssistantMessage;
  readonly logprobs: Logprobs | null;
  readonly finish_reason: FinishReason;
};

export type ChatCompletionChunk = {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChunkChoice[];
  /** Only on request: null on all chunks but the last. */
  readonly usage?: CompletionUsage | null;
  readonly system_fingerprint: string | null;
  readonly service_tier?: string;
  readonly x_parley?: XParley;
};

export type ChunkChoice = {
  readonly index: number;
  readonly delta: ChunkDelta;
  readonly logprobs: Logprobs | null;
  readonly finish_reason: FinishReason | null;
};

/** `error` and `other` are no values of OpenAI: such an answer must not look complete. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'error' | 'other';

/** Message fields beyond the text: most are OpenAI's, `reasoning_content` is DeepSeek's, and the last is ours. */
export type MessageExtras = {
  readonly reasoning_content?: string;
  readonly annotations?: readonly Annotation[];
  /** Images, in the form that OpenRouter and others give them: OpenAI's Chat Completions has none. */
  readonly images?: readonly ImageOutput[];
  readonly audio?: AudioOutput;
  /** Comes back from all clients that return an answer's message unchanged. */
  readonly provider_state?: string;
  /** The same in OpenRouter's form, which its clients send back. */
  readonly reasoning_details?: readonly ReasoningDetail[];
};

export type ReasoningDetail = {
  readonly type: 'reasoning.encrypted';
  readonly data: string;
  readonly id: null;
  readonly format: 'unknown';
  readonly index: number;
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
  readonly extra_content?: ExtraContent;
};

/** The first piece of a call has its id and name, later ones only arguments. */
export type ToolCallDelta =
  | (ToolCall & { readonly index: number })
  | { readonly index: number; readonly function: { readonly arguments: string } };

/** Positions in the text, where the provider reports them. */
export type Annotation = {
  readonly type: 'url_citation';
  readonly url_citation: {
    readonly url: string;
    readonly title: string;
    readonly start_index?: number;
    readonly end_index?: number;
  };
};

export type ImageOutput = { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** OpenAI's sound. Nothing is stored at the provider for the next turn, so its id is empty. */
export type AudioOutput = {
  readonly id: string;
  readonly data: string;
  readonly transcript?: string;
  readonly expires_at: number;
};

type Token = { readonly token: string; readonly logprob: number; readonly bytes: readonly number[] | null };
export type Logprobs = {
  readonly content: readonly (Token & { readonly top_logprobs: readonly Token[] })[];
  readonly refusal: null;
};

/** Clients add these up, so an answer whose provider does not report both has no usage. */
export type CompletionUsage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
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
  readonly saved?: number;
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
  readonly citations?: readonly {
    readonly url: string;
    readonly title?: string;
    readonly text?: string;
    readonly places?: readonly { readonly start: number; readonly end: number }[];
  }[];
  readonly provider_state?: string;
  readonly object?: unknown;
  readonly server_tool_calls?: Readonly<Record<string, number>>;
};

export type ErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
    /** The invalid field, in OpenAI's spelling. */
    readonly param: string | null;
    /** In OpenAI's words. */
    readonly code: string;
    readonly x_parley?: XParleyFailure | { readonly code: string };
  };
};

/** `x_parley` of a failure. It is inside of `error`, the only part of a body that OpenAI's SDKs pass on. */
export type XParleyFailure = XParleyExpense & {
  /** The failure code: docs/errors.md. */
  readonly code: string;
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
} & Partial<ModelDetails>;

/** What OpenRouter's list adds to OpenAI's, which chat clients read. Unknown facts are absent. */
export type ModelDetails = {
  readonly name: string;
  readonly context_length: number;
  readonly architecture: {
    readonly input_modalities: readonly string[];
    readonly output_modalities: readonly string[];
  };
  /** USD per token, as decimal text. */
  readonly pricing: { readonly prompt: string; readonly completion: string; readonly input_cache_read?: string };
  readonly supported_parameters: readonly string[];
  readonly top_provider: { readonly context_length?: number; readonly max_completion_tokens?: number };
};
