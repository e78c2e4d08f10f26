import type { Mode } from './adapter.ts';
import type { Attempt, Cost, FinishReason, Usage } from './completion.ts';
import type { FailureCode } from './errors.ts';
import type { OperationName } from './operation.ts';

/**
 * What happens to calls, for those who keep count of them: the log, metrics, traces, usage. Nothing of it is asked or answered
 * text, so that none of them can tell any.
 */

/** W3C Trace Context, as it was sent. */
export type TraceHeaders = { readonly traceparent?: string; readonly tracestate?: string };

/** Where a request comes from. */
export type Origin = {
  readonly face: 'graphql' | 'rest';
  /** Name of the GraphQL operation, where it has one. */
  readonly operation?: string | undefined;
  readonly trace: TraceHeaders;
};

/** A call as it comes in. Names are those that it was asked by, and may be anything. */
export type CallFacts = Partial<Origin> & {
  /** What the gateway does for the caller. Not the GraphQL operation, which is `operation`. */
  readonly operationName: OperationName;
  readonly mode: Mode;
  readonly caller: string;
  /** The caller's own id of the request, or one made here. */
  readonly requestId: string;
  readonly provider: string;
  readonly model: string;
};

/** What the answer says about itself. */
export type ResponseFacts = {
  /** The id that callers see. */
  readonly id: string;
  /** The model that the provider names in its answer. */
  readonly model: string;
  readonly finishReason: FinishReason | undefined;
};

/** How it ended. */
export type CallOutcome = {
  /** Undefined for a failure. */
  readonly response?: ResponseFacts;
  /** The target that answered or failed, or the one asked for when none was tried. */
  readonly provider: string;
  readonly model: string;
  /** Why there is no answer. */
  readonly code: FailureCode | undefined;
  readonly attempts: readonly Attempt[];
  readonly usage: Usage | undefined;
  readonly cost: Cost | undefined;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly overheadMs: number;
};

export type CallObserver = {
  /** A key is chosen, and the provider about to be asked. */
  attempt(target: { readonly provider: string; readonly model: string }): AttemptObserver;
  /** The first content of a stream has come. */
  firstContent(): void;
  /** Once for each call, whatever becomes of it. */
  ended(outcome: CallOutcome): void;
};

export type AttemptObserver = {
  /** What goes to the provider beside the request. */
  readonly headers: Readonly<Record<string, string>>;
  ended(attempt: Attempt, response?: ResponseFacts): void;
};

/** A request that became no call: it could not be read, or may not be run. */
export type RefusedRequest = {
  /** `http`: the listener before both faces. */
  readonly face: Origin['face'] | 'http';
  /** From a list of ours, and never what a caller wrote. */
  readonly code: string;
  /** Nobody, where it was not found out who asks. */
  readonly caller: string | undefined;
  /** The caller's own. It may be anything. */
  readonly requestId?: string | undefined;
  readonly operation?: string | undefined;
};

export type Observer = {
  begin(facts: CallFacts): CallObserver;
  refused(request: RefusedRequest): void;
};
