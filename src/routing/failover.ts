import { failureCodes, GatewayError, isLocalAbort } from '../core/errors.ts';
import { CallFailure } from '../core/gateway.ts';
import type { Target } from '../core/model.ts';
import type { AttemptObserver } from '../core/observer.ts';
import type { OperationAnswer, OperationRequest } from '../core/operation.ts';
import { cancelled, failure, type Outcome, success } from '../core/outcome.ts';
import type { Clock, Random, Timeouts } from '../core/ports.ts';
import { type AttemptContext, type PreparedRequest, type ProviderClient, prepare } from './attempt.ts';
import { backoffMs, type RetrySettings, sleep, withJitter } from './backoff.ts';
import { type Failures, toCallFailure, toExhausted, toPublicError } from './call-failure.ts';
import type { ProviderPermit } from './concurrency.ts';
import type { KeyLease } from './key-pool.ts';
import type { ProviderKey } from './key-state.ts';
import type { Metering } from './metering.ts';
import type { Session } from './session.ts';
import { createAttemptTimeouts } from './timeouts.ts';

export type FailoverParts = {
  /** Throws PROVIDER_NOT_CONFIGURED. */
  readonly clientFor: (target: Target) => ProviderClient;
  /** Throws OVERLOADED where the provider has as many attempts as it may. */
  readonly acquireProvider: (target: Target) => ProviderPermit;
  readonly timeoutsFor: (target: Target) => Timeouts;
  readonly retries: RetrySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly attemptFailed: Metering['attemptFailed'];
};

/** An attempt that failed, perhaps before it had a key or was sent. */
export type FailedAttempt = Pick<AttemptContext, 'target' | 'startedAt'> & {
  readonly session: Session<never, never> | Session;
  readonly lease: KeyLease | undefined;
  /** Undefined for a target that was passed over. */
  readonly observed: AttemptObserver | undefined;
};

/** What one request has learned over its attempts. */
type Course<Request extends OperationRequest, Answer extends OperationAnswer> = {
  readonly session: Session<Request, Answer>;
  readonly failures: Map<Target, GatewayError>;
  readonly prepared: Map<Target, PreparedRequest<Request, Answer>>;
  /** Providers that were tried, and among them those that were down. */
  readonly tried: Set<ProviderClient>;
  readonly down: Set<ProviderClient>;
};

type TargetResult<T> = { readonly answer: T } | { readonly failure: GatewayError };

/**
 * Tries one target after the other, each with one key after the other, until one answers: what happens before the first
 * content decides. The request waits only when no other target can be tried; then it waits for the first of the failed ones
 * that may be available again, and tries that.
 */
export function createFailover(parts: FailoverParts) {
  const { clientFor, acquireProvider, timeoutsFor, retries, clock, random, attemptFailed } = parts;

  return async function overTargets<Request extends OperationRequest, Answer extends OperationAnswer, T>(
    session: Session<Request, Answer>,
    run: (attempt: AttemptContext<Request, Answer>) => Promise<T>,
  ): Promise<T> {
    const course: Course<Request, Answer> = {
      session,
      failures: new Map(),
      prepared: new Map(),
      tried: new Set(),
      down: new Set(),
    };
    let due: readonly Target[] = session.targets;
    for (let round = 0; ; round++) {
      for (const target of due) {
        const result = await tryTarget(course, target, run);
        if ('answer' in result) return result.answer;
        course.failures.set(target, result.failure);
      }
      due = await waitForNext(course, round);
    }
  };

  async function tryTarget<Request extends OperationRequest, Answer extends OperationAnswer, T>(
    course: Course<Request, Answer>,
    target: Target,
    run: (attempt: AttemptContext<Request, Answer>) => Promise<T>,
  ): Promise<TargetResult<T>> {
    const { session } = course;
    const triedKeys = new Set<ProviderKey>();
    let worst: GatewayError | undefined;
    for (;;) {
      const startedAt = clock.now();
      let lease: KeyLease | undefined;
      let observed: AttemptObserver | undefined;
      try {
        if (session.signal.aborted) throw session.signal.reason;
        const client = clientFor(target);
        session.beginAttempt(acquireProvider(target));
        const prepared = course.prepared.get(target) ?? (await prepare(session, target, client));
        course.prepared.set(target, prepared);
        const acquired = client.keys.acquire(target.model, triedKeys, session.caller.id) ?? worst;
        if (acquired instanceof GatewayError) {
          // The failure of a key that was tried says more than the cooldown of the others.
          if (!worst && !course.failures.has(target)) throw acquired;
          session.endAttempt();
          return { failure: worst ?? acquired };
        }
        if (!acquired) throw new Error('A pool without a free key says why');
        if (!withinBudget(course, client)) {
          acquired.settle(cancelled);
          throw retryBudgetExhausted(target);
        }
        lease = acquired;
        triedKeys.add(lease.key);
        observed = session.observed.attempt(target);
        const timeouts = createAttemptTimeouts(target.provider, session.signal, clock, timeoutsFor(target));
        const answer = await run({ session, target, client, prepared, lease, observed, startedAt, timeouts });
        if (session.mode === 'stream') lease.firstContent();
        else lease.settle(success);
        return { answer };
      } catch (thrown) {
        session.endAttempt();
        if (thrown instanceof CallFailure) {
          // The provider has answered; the answer was not accepted.
          lease?.settle(success);
          throw thrown;
        }
        const error = attemptFailed(
          { session, target, startedAt, lease, observed },
          toPublicError(thrown, session, lease?.key),
        );
        lease?.settle(outcomeOf(error));
        const recovery = recoveryFor(error);
        if (recovery === 'none' || session.signal.aborted) throw toCallFailure(session, target, error);
        if (lease && recovery === 'next-target') course.down.add(clientFor(target));
        // Of several keys' failures the one that may pass is reported: it can be waited for.
        if (!worst?.retryable) worst = error;
        if (!lease || recovery === 'next-target') return { failure: worst };
      }
    }
  }

  /** A provider that has failed for this request is tried again only as far as its retry budget goes, for any model. */
  function withinBudget(
    { tried, down }: Pick<Course<never, never>, 'tried' | 'down'>,
    client: ProviderClient,
  ): boolean {
    if (down.has(client)) return client.budget.spend();
    if (!tried.has(client)) client.budget.earn();
    tried.add(client);
    return true;
  }

  /** Ends the request, or sleeps until some of its targets may be tried again, and returns these. */
  async function waitForNext<Request extends OperationRequest, Answer extends OperationAnswer>(
    { session, failures, down }: Course<Request, Answer>,
    round: number,
  ): Promise<readonly Target[]> {
    const waits = new Map<Target, number>();
    for (const [target, error] of failures) {
      const wait = waitBefore(down, target, error, round);
      if (wait !== undefined) waits.set(target, wait);
    }
    const shortest = Math.min(...waits.values());
    if (round >= retries.max || waits.size === 0 || shortest >= session.leftMs()) {
      throw toExhausted(session, failures);
    }
    await session.timer.during(sleep(shortest, clock, session.signal)).catch((thrown) => {
      throw toExhausted(session, whileWaiting(failures, toPublicError(thrown, session, undefined)));
    });
    return [...waits].filter(([, wait]) => wait <= shortest).map(([target]) => target);
  }

  /** How long until this target may be tried again, in milliseconds. Undefined where waiting is of no use. */
  function waitBefore(
    down: ReadonlySet<ProviderClient>,
    target: Target,
    { code, retryable, retryAfterMs }: GatewayError,
    round: number,
  ): number | undefined {
    if (!retryable || code === 'UPSTREAM_UNAVAILABLE' || code === 'OVERLOADED') return undefined;
    const client = clientFor(target);
    if (down.has(client) && !client.budget.allows()) return undefined;
    const cooldown = client.keys.cooldownOf(target.model);
    // An open breaker has seen other requests fail too.
    if (cooldown?.code === 'UPSTREAM_UNAVAILABLE') return undefined;
    const ms = cooldown ? cooldown.until - clock.now() : retryAfterMs;
    if (ms === undefined) return backoffMs(round, retries, random);
    return ms > retries.maxRetryAfterMs ? undefined : withJitter(ms, random);
  }
}

/** The client disconnected while the request waited: that is how it ended, whatever had failed before. */
function whileWaiting(failures: Failures, error: GatewayError): Failures {
  const [first] = failures.keys();
  return first ? new Map([[first, error]]) : failures;
}

function recoveryFor({ code, retryable }: GatewayError) {
  const { recovery } = failureCodes[code];
  // A provider may ask for another attempt at what is otherwise final ("x-should-retry: true").
  return recovery === 'none' && retryable ? 'next-target' : recovery;
}

function outcomeOf(error: GatewayError): Outcome {
  return isLocalAbort(error.code) || error.isLocal ? cancelled : failure(error);
}

function retryBudgetExhausted({ provider, model }: Target): GatewayError {
  const message = `${provider} is failing and its retry budget is used up (retries.budget); ${model} was not tried.`;
  return new GatewayError('UPSTREAM_UNAVAILABLE', message);
}
