import type { Mode } from './adapter.ts';
import type { Attempt, Cost, FinishReason, Usage } from './completion.ts';
import type { FailureCode } from './errors.ts';
import type { OperationName } from './operation.ts';

/**
 * Events of requests for telemetry: log, metrics, traces, usage. They hold no prompt and no answer, so telemetry cannot
 * leak any.
 */

/** W3C Trace Context headers as received. */
export type TraceHeaders = { readonly traceparent?: string; readonly tracestate?: string };

/** Where a request comes from. */
export type Origin = {
  readonly face: 'graphql' | 'rest';
  /** Name of the GraphQL operation. */
  readonly operation?: string | undefined;
  readonly trace: TraceHeaders;
};

/** A request at its arrival. Names are the requested ones and may be anything. */
export type CallFacts = Partial<Origin> & {
  /** What the gateway does for the caller. Not the GraphQL operation, which is `operation`. */
  readonly operationName: OperationName;
  readonly mode: Mode;
  readonly caller: string;
  /** The caller's idempotency key, or the call's own id. */
  readonly requestId: string;
  /** The call's own id, where the caller has given a key. */
  readonly callId?: string | undefined;
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

/** How a request ended. */
export type CallOutcome = {
  /** Undefined for a failure. */
  readonly response?: ResponseFacts;
  /** The target that answered or failed, or the requested one before the first attempt. */
  readonly provider: string;
  readonly model: string;
  /** Undefined after success. */
  readonly code: FailureCode | undefined;
  readonly attempts: readonly Attempt[];
  readonly usage: Usage | undefined;
  readonly cost: Cost | undefined;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly overheadMs: number;
  /** How often its stream was resumed. Absent for never. */
  readonly resumes?: number;
};

export type CallObserver = {
  /** A key is leased and the provider is about to get the request. */
  attempt(target: { readonly provider: string; readonly model: string }): AttemptObserver;
  /** The first content of a stream has arrived. */
  firstContent(): void;
  /** Called once per request, whatever its outcome. */
  ended(outcome: CallOutcome): void;
};

export type AttemptObserver = {
  /** Headers for the provider's request. */
  readonly headers: Readonly<Record<string, string>>;
  ended(attempt: Attempt, response?: ResponseFacts): void;
};

/** A request that was refused before an operation began: unreadable or not allowed. */
export type RefusedRequest = {
  /** `http`: the server, before any face. */
  readonly face: Origin['face'] | 'http';
  /** From a closed list, never a caller's text. */
  readonly code: string;
  /** Undefined where the caller was not authenticated. */
  readonly caller: string | undefined;
  /** The caller's own text; it may be anything. */
  readonly requestId?: string | undefined;
  readonly operation?: string | undefined;
};

/** Events of streams that are kept beyond a disconnect. `lost`: the gateway that ran it died. */
export const keptStreamEvents = ['resumed', 'expired', 'stopped', 'lost'] as const;
export type KeptStreamEvent = (typeof keptStreamEvents)[number];

export type Observer = {
  begin(facts: CallFacts): CallObserver;
  keptStream(event: KeptStreamEvent): void;
  refused(request: RefusedRequest): void;
};
