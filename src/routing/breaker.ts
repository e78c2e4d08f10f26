import { CircuitState, ConsecutiveBreaker, CountBreaker } from 'cockatiel';
import type { Outcome } from '../core/outcome.ts';
import type { Clock, Random } from '../core/ports.ts';

export type BreakerSettings = {
  /** Consecutive failures that open the breaker. More than half of the last 20 calls open it too. */
  readonly failures: number;
  /** How long it stays open the first time, in milliseconds. Each failed probe adds as much again, up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
};

/** Permission for one call. */
export type BreakerPass = {
  /** Whether this call probes a breaker that was open. */
  readonly isProbe: boolean;
  /** The response begins. It closes the breaker after a probe: a response may last minutes. Other calls count at their end. */
  firstContent(): void;
  /**
   * The call has ended; only the first time counts. `mayOpen` is false where no other key would be left. Returns whether
   * this call opened the breaker.
   */
  settle(outcome: Outcome, mayOpen: boolean): boolean;
};

export type Breaker = {
  /** Undefined while the breaker is open or another call probes it. */
  enter(): BreakerPass | undefined;
  /** When the next probe is due, on the monotonic clock. Undefined while the breaker is closed. */
  readonly openUntil: number | undefined;
};

type State =
  | { readonly kind: 'closed'; readonly rules: readonly Rule[] }
  | { readonly kind: 'open'; readonly until: number; readonly times: number }
  | { readonly kind: 'half_open'; readonly until: number; readonly times: number };

type Rule = ConsecutiveBreaker | CountBreaker;

const lastCalls = { size: 20, threshold: 0.5 };

/**
 * A circuit breaker: closed, open, half-open with one probe. Cockatiel's rules decide when it opens. Its states are not used:
 * a second caller would wait there for the probe, which may take minutes, and its clock cannot be replaced.
 */
export function createBreaker(settings: BreakerSettings, clock: Clock, random: Random): Breaker {
  let state: State = closed();

  function closed(): State {
    return { kind: 'closed', rules: [new ConsecutiveBreaker(settings.failures), new CountBreaker(lastCalls)] };
  }

  /** Up to 10 % of jitter, so that breakers which opened together do not probe together. */
  function open(times: number): State {
    const wait = Math.min(settings.openMs * times, settings.maxOpenMs) * (1 + random() / 10);
    return { kind: 'open', until: clock.now() + wait, times };
  }

  function succeeded(isProbe: boolean): void {
    if (isProbe) closeAfterProbe();
    if (state.kind === 'closed') for (const rule of state.rules) rule.success(CircuitState.Closed);
  }

  function failed(isProbe: boolean, mayOpen: boolean): boolean {
    if (isProbe && state.kind === 'half_open') {
      state = open(state.times + 1);
      return true;
    }
    // A call that began before the breaker opened says nothing about the provider now.
    if (state.kind !== 'closed') return false;
    // Both rules count each failure, whichever trips.
    const tripped = state.rules.filter((rule) => rule.failure(CircuitState.Closed)).length > 0;
    if (tripped && mayOpen) state = open(1);
    return tripped && mayOpen;
  }

  function closeAfterProbe(): void {
    if (state.kind === 'half_open') state = closed();
  }

  function createPass(isProbe: boolean): BreakerPass {
    let isSettled = false;
    return {
      isProbe,
      firstContent() {
        if (isProbe) closeAfterProbe();
      },
      settle(outcome, mayOpen) {
        if (isSettled) return false;
        isSettled = true;
        switch (outcome.kind) {
          case 'success':
            succeeded(isProbe);
            return false;
          case 'failure':
            return failed(isProbe, mayOpen);
          case 'cancelled':
            if (isProbe && state.kind === 'half_open') state = { ...state, kind: 'open' };
            return false;
        }
      },
    };
  }

  return {
    enter() {
      if (state.kind === 'closed') return createPass(false);
      if (state.kind === 'half_open' || clock.now() < state.until) return undefined;
      state = { ...state, kind: 'half_open' };
      return createPass(true);
    },
    get openUntil() {
      return state.kind === 'closed' ? undefined : state.until;
    },
  };
}
