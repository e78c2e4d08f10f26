import type { Clock } from '../core/ports.ts';

export type RetryBudgetSettings = {
  /** Repeats in hand after a quiet minute. */
  readonly burst: number;
  /** What each call adds: 0.1 allows one repeat for ten calls. */
  readonly ratio: number;
};

export type RetryBudget = {
  /** A call asks this provider for the first time. */
  earn(): void;
  /** Whether one more would be allowed now. */
  allows(): boolean;
  /** It wants to ask once more. `false`: too many do. */
  spend(): boolean;
};

const minute = 60_000;

/** A provider that is down gets few calls on top of those that callers make: repeats come out of a bucket of tokens. */
export function createRetryBudget({ burst, ratio }: RetryBudgetSettings, clock: Clock): RetryBudget {
  let tokens = burst;
  let filledAt = clock.now();
  const fill = (more: number) => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + more + (burst * (now - filledAt)) / minute);
    filledAt = now;
  };
  const allows = () => {
    fill(0);
    return tokens >= 1;
  };
  return {
    earn: () => fill(ratio),
    allows,
    spend() {
      if (!allows()) return false;
      tokens -= 1;
      return true;
    },
  };
}
