import type { FailureCode, GatewayError } from './errors.ts';
import type { ToolCall } from './message.ts';
import type { ServerToolName } from './server-tools.ts';

/** Provider answers, whole or as events, in one shape. Names follow OpenTelemetry's GenAI conventions. */

export const finishReasons = ['stop', 'length', 'content_filter', 'tool_call', 'error', 'other'] as const;
export type FinishReason = (typeof finishReasons)[number];

/** Token counts. Input includes cache reads and writes, output includes reasoning; `undefined` is "not reported". */
export type Usage = {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly totalTokens: number | undefined;
  readonly cacheReadInputTokens: number | undefined;
  readonly cacheWriteInputTokens: number | undefined;
  readonly reasoningOutputTokens: number | undefined;
  /** Tokens that the provider bills, where they differ from the counted ones (Cohere). */
  readonly billed?: { readonly input: number; readonly output: number };
  /** Tokens of other kinds than text among the counted ones, where the provider reports them: they have other prices. */
  readonly mediaTokens?: MediaTokens;
  /** How often the provider ran its own tools, where it reports that. */
  readonly serverToolCalls?: ServerToolCalls;
  /** Counted up to a failure: more may have been used. */
  readonly isPartial?: true;
};

export type MediaTokens = {
  readonly inputAudio?: number;
  readonly outputAudio?: number;
  readonly outputImage?: number;
};

/** Runs of a provider's own tools, as far as it reports them. */
export type ServerToolCalls = { readonly [name in ServerToolName]?: number };

/** A source that the answer cites. */
export type Citation = {
  readonly url: string;
  readonly title: string | undefined;
  readonly text: string | undefined;
  /** The places in the answer's text that cite it. Absent when the provider reports none. */
  readonly places?: readonly TextRange[];
};

/** A range of the text in characters as the provider counts them, the end excluded. */
export type TextRange = { readonly start: number; readonly end: number };

/** The logarithm of the probability of a token, and of the most likely ones in its place. */
export type TokenLogprob = {
  readonly token: string;
  readonly logprob: number;
  /** Its bytes in UTF-8: a token may be a part of a character. */
  readonly bytes: readonly number[] | undefined;
  readonly topLogprobs: readonly Omit<TokenLogprob, 'topLogprobs'>[];
};

/** An image or sound in an answer. */
export type OutputFile = {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
};

/** An option that was left out or changed, and why. `option` is its name in ChatInput. */
export type Warning = { readonly option: string; readonly message: string };

/**
 * One attempt at a target, or a target passed over (no `status`, no time). `code` is undefined after success. `key` is
 * the name of the key ("openai#2"), never its value.
 */
export type Attempt = {
  readonly provider: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly code: FailureCode | undefined;
  readonly status: number | undefined;
  readonly durationMs: number;
};

/** Money in the currency of the price list. */
export type Cost = {
  /** What the prompt cache saved: the list price of the input less what it cost. Negative where writing cost more. */
  readonly saved?: number;
  /** Input, output, and per-request charges where there are any. */
  readonly total: number;
  readonly input: number;
  readonly output: number;
  readonly currency: 'USD';
  readonly priceSource: string;
  readonly pricedAt: string;
};

/** How an answer ended. */
export type CompletionEnd = {
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | undefined;
  readonly refusal: string | undefined;
  readonly citations: readonly Citation[];
  readonly usage: Usage | undefined;
  readonly providerState: string | undefined;
  /** The stop text that ended it, and the kind of a refusal: of providers that report them (Anthropic). */
  readonly stopSequence?: string;
  readonly refusalCategory?: string;
  /** OpenAI's mark of the software that answered. */
  readonly systemFingerprint?: string;
  /** The service tier that answered, in the provider's word. */
  readonly serviceTier?: string;
  /** The value of an answer in JSON, where a format was requested. */
  readonly object?: unknown;
  /** By token of the text, where requested. */
  readonly logprobs?: readonly TokenLogprob[];
  /** What the provider itself left out of the request. */
  readonly warnings?: readonly Warning[];
  /** What the provider says it charges. It includes what a price list does not know, such as searches. */
  readonly reportedCost?: Cost;
};

/** What a model wrote. */
export type AnswerContent = {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  /** Absent for most answers. */
  readonly files?: readonly OutputFile[];
};

/** A whole answer as a codec decodes it. `created` is in Unix seconds, where reported. */
export type ProviderCompletion = CompletionEnd &
  AnswerContent & {
    readonly id: string | undefined;
    readonly model: string | undefined;
    readonly created: number | undefined;
  };

export type TextDelta =
  | { readonly type: 'content'; readonly text: string }
  | {
      readonly type: 'reasoning';
      readonly text: string;
      /** The end of a block of Anthropic's: its signature, or the data of one that is redacted. The text is then empty. */
      readonly seal?: { readonly signature: string } | { readonly data: string };
    };

export type Delta =
  | TextDelta
  | {
      readonly type: 'tool_call';
      /** Position of the call in the answer, from 0 without gaps. */
      readonly index: number;
      /** The same in each delta of a call. */
      readonly id: string;
      readonly name: string;
      readonly argumentsDelta: string;
      /** Of a provider that signs its calls one by one, in the first delta. Part of its state at the end too. */
      readonly signature?: string;
    }
  | ({
      readonly type: 'file';
      /** Position of the file in the answer, from 0. The bytes of all deltas with one index are the file. */
      readonly index: number;
    } & OutputFile)
  | {
      /** A tool that the provider runs. It is no part of the answer. */
      readonly type: 'server_tool';
      readonly id: string;
      readonly name: ServerToolName;
      readonly status: ServerToolStatus;
      /** What is searched for, fetched or run, if the provider reports it. */
      readonly input: string | undefined;
    };

export const serverToolStatuses = ['running', 'done', 'failed'] as const;
export type ServerToolStatus = (typeof serverToolStatuses)[number];

/** What a codec emits for a stream. `finished` is last and requires the provider's end marker. */
export type ProviderEvent =
  | {
      readonly type: 'started';
      readonly id: string | undefined;
      readonly model: string | undefined;
      readonly created: number | undefined;
    }
  | Delta
  | ({ readonly type: 'finished' } & CompletionEnd);

export type Timing = {
  /** From the arrival of the request at the gateway. */
  readonly latencyMs: number;
  /** Time the gateway itself took, without waits for providers, the client or backoff. */
  readonly overheadMs: number;
};

/** Time and cost of an answer or a failure. */
export type Expense = Timing & {
  readonly cost: Cost | undefined;
  readonly timeToFirstTokenMs: number | undefined;
};

/** What the gateway adds to an answer: attempts, time, cost. */
export type Provenance = Expense & {
  readonly warnings: readonly Warning[];
  readonly attempts: readonly Attempt[];
};

export type Completion = Omit<ProviderCompletion, 'id' | 'model' | 'created'> &
  Provenance & {
    readonly id: string;
    readonly provider: string;
    readonly model: string;
    readonly created: Date;
    readonly isSandbox: boolean;
    /** A stream that still runs: the answer so far. */
    readonly isPartial?: true;
  };

export type Failure = Expense & {
  readonly error: GatewayError;
  /** The target that failed, or the requested one before the first attempt. Empty where the request names none. */
  readonly provider: string;
  readonly model: string;
  readonly attempts: readonly Attempt[];
  /** Tokens known to be used before the failure. */
  readonly usage: Usage | undefined;
  /** The text before the failure, of a stream that was kept. */
  readonly partialText?: string;
};

/** The public stream: `started` first, exactly one of `finished` and `failed` last. */
export type ChatEvent = ChatEventBody & {
  /** The position after this event, from which the stream can be resumed. Only for streams that are kept. */
  readonly cursor?: string;
};

type ChatEventBody =
  | {
      readonly type: 'started';
      /** Unguessable, and bound to the caller. */
      readonly streamId: string;
      readonly id: string;
      readonly provider: string;
      readonly model: string;
      readonly created: Date;
      readonly isSandbox: boolean;
      readonly timeToFirstTokenMs: number;
      /** Up to the first content. */
      readonly overheadMs: number;
    }
  | Delta
  | ({
      readonly type: 'finished';
      /** The whole answer, of a stream that is kept: its readers may have missed the beginning. */
      readonly answer?: () => AnswerContent;
    } & CompletionEnd &
      Provenance)
  | ({ readonly type: 'failed' } & Failure);
