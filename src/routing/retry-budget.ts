import type { Clock } from '../core/ports.ts';

export type RetryBudgetSettings = {
  /** Retries available after a quiet minute. */
  readonly burst: number;
  /** Retries that each request adds: 0.1 allows one retry per ten requests. */
  readonly ratio: number;
};

export type RetryBudget = {
  /** A request uses this provider for the first time. */
  earn(): void;
  /** Whether a retry would be allowed now. */
  allows(): boolean;
  /** Takes one retry. `false`: the budget is used up. */
  spend(): boolean;
};

const minute = 60_000;

/**
 * A retry budget: retries take tokens from a bucket, so that a failing provider gets few requests beyond the original
 * ones.
 */
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
