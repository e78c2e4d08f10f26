import type { Mode } from '../core/adapter.ts';
import { failureCodes, GatewayError, isLocalAbort } from '../core/errors.ts';
import type { Target } from '../core/model.ts';
import type { AttemptObserver } from '../core/observer.ts';
import type { Clock, Random, Timeouts } from '../core/ports.ts';
import { type PreparedRequest, type ProviderClient, prepare } from './attempt.ts';
import { backoffMs, type RetrySettings, sleep, withJitter } from './backoff.ts';
import { type AttemptContext, type Call, type Failures, toCallFailure, toFinalFailure, toPublicError } from './call.ts';
import type { KeyLease } from './key-pool.ts';
import type { ProviderKey } from './key-state.ts';
import { createAttemptTimeouts } from './timeouts.ts';

export type FailoverParts = {
  /** Throws PROVIDER_NOT_CONFIGURED. */
  readonly lineTo: (target: Target) => ProviderClient;
  /** Throws OVERLOADED where the provider is asked often enough. */
  readonly occupy: (target: Target) => () => void;
  readonly patienceWith: (target: Target) => Timeouts;
  readonly retries: RetrySettings;
  readonly clock: Clock;
  readonly chance: Random;
  /** Notes a try that failed, and gives the failure as it is told. */
  readonly fail: (attempt: FailedTry, error: GatewayError) => GatewayError;
};

export type FailedTry = Pick<AttemptContext, 'call' | 'target' | 'startedAt'> & {
  readonly turn: KeyLease | undefined;
  /** Nobody was told of a target that was passed over. */
  readonly observed: AttemptObserver | undefined;
};

/** What a call has learnt on its way. */
type Course = {
  readonly call: Call;
  readonly mode: Mode;
  readonly failures: Map<Target, GatewayError>;
  readonly prepared: Map<Target, PreparedRequest>;
  /** Providers that were asked, and among them those that were down. */
  readonly asked: Set<ProviderClient>;
  readonly down: Set<ProviderClient>;
};

type Asked<T> = { readonly answer: T } | { readonly failure: GatewayError };

/**
 * Asks one target after the other, each with one key after the other, until one answers: what happens before the first
 * content decides. Nobody waits as long as somebody else could answer now. When all have failed, the call waits for the
 * first of those that may be well again, and asks once more.
 */
export function createFailover({ lineTo, occupy, patienceWith, retries, clock, chance, fail }: FailoverParts) {
  return async function overTargets<T>(
    call: Call,
    mode: Mode,
    ask: (attempt: AttemptContext) => Promise<T>,
  ): Promise<T> {
    const course: Course = {
      call,
      mode,
      failures: new Map(),
      prepared: new Map(),
      asked: new Set(),
      down: new Set(),
    };
    let due: readonly Target[] = call.targets;
    for (let round = 0; ; round++) {
      for (const target of due) {
        const asked = await askTarget(course, target, ask);
        if ('answer' in asked) return asked.answer;
        course.failures.set(target, asked.failure);
      }
      due = await waitForNext(course, round);
    }
  };

  async function askTarget<T>(
    course: Course,
    target: Target,
    ask: (attempt: AttemptContext) => Promise<T>,
  ): Promise<Asked<T>> {
    const { call } = course;
    const tried = new Set<ProviderKey>();
    let told: GatewayError | undefined;
    for (;;) {
      const startedAt = clock.now();
      let turn: KeyLease | undefined;
      let observed: AttemptObserver | undefined;
      try {
        if (call.signal.aborted) throw call.signal.reason;
        const line = lineTo(target);
        call.leaveProvider = occupy(target);
        const prepared = course.prepared.get(target) ?? (await prepare(call, target, line, course.mode));
        course.prepared.set(target, prepared);
        const taken = line.keys.acquire(target.model, tried) ?? told;
        if (taken instanceof GatewayError) {
          // What a key has told weighs more than that the others rest.
          if (!told && !course.failures.has(target)) throw taken;
          call.leaveProvider();
          return { failure: told ?? taken };
        }
        if (!taken) throw new Error('A ring that has no key says why');
        if (!mayAsk(course, line)) {
          taken.onCancelled();
          throw repeatedTooOften(target);
        }
        turn = taken;
        tried.add(turn.key);
        observed = call.observed.attempt(target);
        const tryClock = createAttemptTimeouts(target.provider, call.signal, clock, patienceWith(target));
        const answer = await ask({ call, target, line, prepared, turn, observed, startedAt, clock: tryClock });
        if (course.mode === 'stream') turn.onFirstContent();
        else turn.onSuccess();
        return { answer };
      } catch (thrown) {
        call.leaveProvider();
        const error = fail({ call, target, startedAt, turn, observed }, toPublicError(thrown, call, turn));
        settle(turn, error);
        const recovery = recoveryOf(error);
        if (recovery === 'none' || call.signal.aborted) throw toFinalFailure(call, target, error);
        if (turn && recovery === 'next-target') course.down.add(lineTo(target));
        // One key may be well again before another: what can be waited for is told.
        if (!told?.retryable) told = error;
        if (!turn || recovery === 'next-target') return { failure: told };
      }
    }
  }

  /** A provider that was down a moment ago is asked again only as far as its budget goes, for whichever model. */
  function mayAsk({ asked, down }: Course, line: ProviderClient): boolean {
    if (down.has(line)) return line.budget.spend();
    if (!asked.has(line)) line.budget.earn();
    asked.add(line);
    return true;
  }

  /** Ends the call, or sleeps until some of its targets may be asked again, and names them. */
  async function waitForNext(course: Course, round: number): Promise<readonly Target[]> {
    const { call, failures } = course;
    const waits = new Map<Target, number>();
    for (const [target, error] of failures) {
      const wait = waitFor(course, target, error, round);
      if (wait !== undefined) waits.set(target, wait);
    }
    const shortest = Math.min(...waits.values());
    if (round >= retries.max || waits.size === 0 || shortest >= call.deadline.leftMs()) {
      throw toCallFailure(call, failures);
    }
    await call.watch.during(sleep(shortest, clock, call.signal)).catch((thrown) => {
      throw toCallFailure(call, cancelled(failures, toPublicError(thrown, call, undefined)));
    });
    return [...waits].filter(([, wait]) => wait <= shortest).map(([target]) => target);
  }

  /** How long until this target may be asked again, if that is worth waiting for. */
  function waitFor(
    { down }: Course,
    target: Target,
    { code, retryable, retryAfterMs }: GatewayError,
    round: number,
  ): number | undefined {
    if (!retryable || code === 'UPSTREAM_UNAVAILABLE' || code === 'OVERLOADED') return undefined;
    const line = lineTo(target);
    if (down.has(line) && !line.budget.allows()) return undefined;
    const pause = line.keys.cooldownOf(target.model);
    // What is shut out is not waited for: it failed for others too.
    if (pause?.code === 'UPSTREAM_UNAVAILABLE') return undefined;
    const told = pause ? pause.until - clock.now() : retryAfterMs;
    if (told === undefined) return backoffMs(round, retries, chance);
    return told > retries.maxRetryAfterMs ? undefined : withJitter(told, chance);
  }
}

/** The caller left while the call waited: that is how it ended, whatever had failed before. */
function cancelled(failures: Failures, error: GatewayError): Failures {
  const [first] = failures.keys();
  return first ? new Map([[first, error]]) : failures;
}

function recoveryOf({ code, retryable }: GatewayError) {
  const { recovery } = failureCodes[code];
  // A provider may ask for another try of what is otherwise final ("x-should-retry: true").
  return recovery === 'none' && retryable ? 'next-target' : recovery;
}

function settle(turn: KeyLease | undefined, error: GatewayError): void {
  if (isLocalAbort(error.code) || error.isOurs) turn?.onCancelled();
  else turn?.onFailure(error);
}

function repeatedTooOften({ provider, model }: Target): GatewayError {
  const message = `${provider} is down, and too many calls ask it again: ${model} was not tried.`;
  return new GatewayError('UPSTREAM_UNAVAILABLE', message);
}
