import { CircuitState, ConsecutiveBreaker, CountBreaker } from 'cockatiel';
import type { Clock, Random } from '../core/ports.ts';

export type BreakerSettings = {
  /** Failures in a row that open it. More than half of the last 20 calls open it too. */
  readonly failures: number;
  /** How long it stays open the first time. Each failed probe adds as much again, up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
};

/** Whether a call is one of many, or the one that finds out whether things are well again. */
export type Admission = 'call' | 'probe';

export type Breaker = {
  /** Lets a call in, or not. */
  enter(): Admission | undefined;
  /** An answer begins to come: enough for a probe, which need not last as long as the answer. */
  onFirstContent(admission: Admission): void;
  onSuccess(admission: Admission): void;
  /** `mayOpen` is false where nothing else would be left to ask. Says whether this failure opened it. */
  onFailure(admission: Admission, mayOpen: boolean): boolean;
  /** The caller left: nothing was learnt. */
  onCancelled(admission: Admission): void;
  /** The time of the next probe, while it is open. */
  readonly openUntil: number | undefined;
};

type State =
  | { readonly kind: 'closed'; readonly rules: readonly Rule[] }
  | { readonly kind: 'open'; readonly until: number; readonly times: number }
  | { readonly kind: 'half_open'; readonly until: number; readonly times: number };

type Rule = ConsecutiveBreaker | CountBreaker;

/**
 * Shuts out what keeps failing, and lets one call at a time find out whether it still does. The rules when to open are
 * cockatiel's. The states are ours: there a second caller would wait for the probe, which may take minutes here, and time
 * is not a parameter.
 */
export function createBreaker(settings: BreakerSettings, clock: Clock, chance: Random): Breaker {
  let state: State = closed();

  function closed(): State {
    return { kind: 'closed', rules: [new ConsecutiveBreaker(settings.failures), new CountBreaker(lastCalls)] };
  }

  /** Breakers that opened together do not all probe together. */
  function open(times: number): State {
    const wait = Math.min(settings.openMs * times, settings.maxOpenMs) * (1 + chance() / 10);
    return { kind: 'open', until: clock.now() + wait, times };
  }

  // Calls that began before it opened tell nothing about now.
  const onFirstContent = (admission: Admission) => {
    if (admission === 'probe' && state.kind === 'half_open') state = closed();
  };

  return {
    enter() {
      if (state.kind === 'closed') return 'call';
      if (state.kind === 'half_open' || clock.now() < state.until) return undefined;
      state = { ...state, kind: 'half_open' };
      return 'probe';
    },
    onFirstContent,
    onSuccess(admission) {
      onFirstContent(admission);
      if (state.kind === 'closed') for (const rule of state.rules) rule.success(CircuitState.Closed);
    },
    onFailure(admission, mayOpen) {
      if (admission === 'probe' && state.kind === 'half_open') {
        state = open(state.times + 1);
        return true;
      }
      if (state.kind !== 'closed') return false;
      // Each of them counts, whichever trips.
      const tripped = state.rules.filter((rule) => rule.failure(CircuitState.Closed)).length > 0;
      if (tripped && mayOpen) state = open(1);
      return tripped && mayOpen;
    },
    onCancelled(admission) {
      if (admission === 'probe' && state.kind === 'half_open') state = { ...state, kind: 'open' };
    },
    get openUntil() {
      return state.kind === 'closed' ? undefined : state.until;
    },
  };
}

const lastCalls = { size: 20, threshold: 0.5 };
