/** Limits of one gateway while Redis is unavailable. */
export type FallbackLimits = {
  /** Share of requests, tokens and streams. */
  readonly localShare: number;
  /** Share of money. 0: none at all. */
  readonly localBudgetShare: number;
};

/** At least one: a share that rounds to 0 would stop every request. */
export function fallbackLimit<T extends number | undefined>(limit: T, share: number): number | T {
  return limit === undefined ? limit : Math.max(1, Math.floor(limit * share));
}
