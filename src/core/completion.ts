import type { FailureCode, GatewayError } from './errors.ts';
import type { ToolCall } from './message.ts';

/** What a provider answers, whole or as events, in one shape for all. Names follow OpenTelemetry's GenAI words. */

export const finishReasons = ['stop', 'length', 'content_filter', 'tool_call', 'error', 'other'] as const;
export type FinishReason = (typeof finishReasons)[number];

/** Tokens. Input includes cache reads and writes, output includes reasoning; `undefined` is "not told". */
export type Usage = {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly totalTokens: number | undefined;
  readonly cacheReadInputTokens: number | undefined;
  readonly cacheWriteInputTokens: number | undefined;
  readonly reasoningOutputTokens: number | undefined;
  /** What the provider charges for, where it says that this is not what it counted (Cohere). */
  readonly billed?: { readonly input: number; readonly output: number };
  /** Counted up to a failure: more may have been used. */
  readonly isPartial?: true;
};

/** A source the answer rests on. */
export type Citation = { readonly url: string; readonly title: string | undefined; readonly text: string | undefined };

/** An option that was left out or changed, and why. `option` is its name in ChatInput. */
export type Warning = { readonly option: string; readonly message: string };

/**
 * One try at one target, or a target passed over (no `status`, no time). `code` is empty when it answered. `key` names the
 * key that was used ("openai#2"), never its value.
 */
export type Attempt = {
  readonly provider: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly code: FailureCode | undefined;
  readonly status: number | undefined;
  readonly durationMs: number;
};

/** Money, in the currency of the price list. */
export type Cost = {
  /** Input, output, and what some charge for a request as such. */
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
  /** What the provider itself left out of the request. */
  readonly warnings?: readonly Warning[];
  /** What the provider says that it charges, which is more than a price list can know. */
  readonly reportedCost?: Cost;
};

/** A whole answer as an adapter reads it. `created` is in Unix seconds, where the provider tells. */
export type ProviderCompletion = CompletionEnd & {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly created: number | undefined;
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
};

export type Delta =
  | { readonly type: 'content'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool_call';
      /** Place of the call in the answer, from 0 without gaps. */
      readonly index: number;
      /** The same with each delta of a call. */
      readonly id: string;
      readonly name: string;
      readonly argumentsDelta: string;
    };

/** What an adapter tells of a stream. `finished` is last and comes only with the provider's own end marker. */
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
  /** From the moment the gateway had the request. */
  readonly latencyMs: number;
  /** What of it the gateway spent itself, waiting for neither provider nor reader, nor between two tries. */
  readonly overheadMs: number;
};

/** What an answer, or the lack of one, took and cost. */
export type Expense = Timing & {
  readonly cost: Cost | undefined;
  readonly timeToFirstTokenMs: number | undefined;
};

/** What the gateway adds to an answer: who answered, what it took, what it cost. */
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
  };

export type Failure = Expense & {
  readonly error: GatewayError;
  /** The target that failed, or the one asked for when none was tried. Empty where the request names none. */
  readonly provider: string;
  readonly model: string;
  readonly attempts: readonly Attempt[];
  /** Tokens known to be used before the failure. */
  readonly usage: Usage | undefined;
};

/** The public stream: `started` first, exactly one of `finished` and `failed` last. */
export type ChatEvent =
  | {
      readonly type: 'started';
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
  | ({ readonly type: 'finished' } & CompletionEnd & Provenance)
  | ({ readonly type: 'failed' } & Failure);
