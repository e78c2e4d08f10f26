import type { AbortSignalLike } from '../core/abort.ts';
import type { Mode } from '../core/adapter.ts';
import type { Caller } from '../core/caller.ts';
import type { Attempt } from '../core/completion.ts';
import type { CallOptions } from '../core/gateway.ts';
import type { Release } from '../core/idempotency.ts';
import type { CallControl } from '../core/kept-streams.ts';
import type { Amount, Lease } from '../core/limits.ts';
import type { Target } from '../core/model.ts';
import type { CallObserver, CallOutcome } from '../core/observer.ts';
import type { Operation, OperationAnswer, OperationRequest, UsageMeter } from '../core/operation.ts';
import type { Permit, ProviderPermit } from './concurrency.ts';
import type { OverheadTimer } from './overhead-timer.ts';
import type { RequestedTarget } from './requested-target.ts';
import type { Deadline } from './timeouts.ts';

/**
 * Where a request is:
 *
 *     opened ──> admitted ──> attempting ──> streaming ──> ended
 *        └───────────┴────────────┴──────────────┴──────────^
 *
 * `opened` holds a concurrency permit and perhaps an idempotency claim; from `admitted` on there are a reservation, a
 * deadline and a meter too; `attempting` and `streaming` hold a provider's permit.
 */
export type SessionState = 'opened' | 'admitted' | 'attempting' | 'streaming' | 'ended';

type Admitted<Answer> = { readonly meter: UsageMeter<Answer>; readonly deadline: Deadline };

/** What the gateway itself adds to a call whose stream is kept. */
export type SessionOptions = CallOptions & { readonly control?: Pick<CallControl, 'checkRoom' | 'resumes'> };

type SessionParts<Request extends OperationRequest, Answer extends OperationAnswer> = {
  readonly operation: Operation<Request, Answer>;
  readonly mode: Mode;
  readonly input: unknown;
  readonly options: SessionOptions;
  readonly requested: RequestedTarget;
  readonly timer: OverheadTimer;
  readonly observed: CallObserver;
  readonly streamId: string;
};

/**
 * One request from its arrival to its end. It owns everything that the request holds: permits, the reservation, the
 * idempotency claim, the deadline, the meter and the list of attempts. `finish` is the only place that releases any of it.
 */
export class Session<
  Request extends OperationRequest = OperationRequest,
  Answer extends OperationAnswer = OperationAnswer,
> {
  readonly operation: Operation<Request, Answer>;
  readonly mode: Mode;
  readonly input: unknown;
  readonly caller: Caller;
  readonly options: SessionOptions;
  /** Unguessable. */
  readonly streamId: string;
  /** The names in the request, bounded, before it is validated. */
  readonly requested: RequestedTarget;
  readonly timer: OverheadTimer;
  readonly observed: CallObserver;
  readonly attempts: readonly Attempt[] = [];
  #state: SessionState = 'opened';
  #request: Request | undefined;
  #targets: readonly Target[] = [];
  #admitted: Admitted<Answer> | undefined;
  #permit: Permit | undefined;
  #providerPermit: ProviderPermit | undefined;
  #claim: Release | undefined;
  #reservation: Lease | undefined;

  constructor(parts: SessionParts<Request, Answer>) {
    const { operation, mode, input, options, requested, timer, observed, streamId } = parts;
    this.operation = operation;
    this.mode = mode;
    this.input = input;
    this.caller = options.caller;
    this.options = options;
    this.requested = requested;
    this.streamId = streamId;
    this.timer = timer;
    this.observed = observed;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The validated request. */
  get request(): Request {
    if (!this.#request) throw new Error('The request is read before it is validated');
    return this.#request;
  }

  set request(request: Request) {
    this.#request = request;
  }

  /** The targets that the request names, in order. */
  get targets(): readonly Target[] {
    return this.#targets;
  }

  set targets(targets: readonly Target[]) {
    this.#targets = targets;
  }

  get meter(): UsageMeter<Answer> {
    return this.#afterAdmission.meter;
  }

  /** Aborted when the client disconnects, the deadline passes or the gateway shuts down. */
  get signal(): AbortSignalLike {
    return this.#afterAdmission.deadline.signal;
  }

  /** Time that is left for the whole request, in milliseconds. */
  leftMs(): number {
    return this.#afterAdmission.deadline.leftMs();
  }

  get #afterAdmission(): Admitted<Answer> {
    if (!this.#admitted) throw new Error('The request is not admitted');
    return this.#admitted;
  }

  holdPermit(permit: Permit): void {
    this.#permit = permit;
  }

  holdClaim(claim: Release): void {
    this.#claim = claim;
  }

  holdReservation(reservation: Lease): void {
    this.#reservation = reservation;
  }

  /** Everything is reserved. From here on the deadline runs, and shutdown can abort the request. */
  admit(meter: UsageMeter<Answer>, deadline: Deadline): void {
    this.#state = 'admitted';
    this.#admitted = { meter, deadline };
    this.#permit?.onAbort(deadline.abort);
  }

  /** An attempt begins at a provider; the permit of the attempt before is released. */
  beginAttempt(providerPermit: ProviderPermit): void {
    this.#state = 'attempting';
    this.#providerPermit?.release();
    this.#providerPermit = providerPermit;
  }

  /** The attempt under way is over without an answer. */
  endAttempt(): void {
    this.#providerPermit?.release();
    this.#providerPermit = undefined;
  }

  /** The first content of a stream is there. */
  beginStream(): void {
    this.#state = 'streaming';
    this.observed.firstContent();
  }

  recordAttempt(attempt: Attempt): void {
    (this.attempts as Attempt[]).push(attempt);
  }

  /** Ends the session and releases everything it holds. The first outcome counts; later ones change nothing. */
  finish(outcome: CallOutcome): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#permit?.release();
    this.#providerPermit?.release();
    const admitted = this.#admitted;
    admitted?.deadline.stop();
    const used: Amount = admitted?.meter.total() ?? { tokens: 0, usd: 0 };
    this.#reservation?.settle(used);
    this.#claim?.(admitted?.meter.wasCharged() ?? false);
    const resumes = this.options.control?.resumes() ?? 0;
    this.observed.ended(resumes > 0 ? { ...outcome, resumes } : outcome);
  }
}
