/** What one gateway lets through by itself while Redis is away. */
export type FallbackLimits = {
  /** Of requests, tokens and streams. */
  readonly localShare: number;
  /** Of money. 0: none at all. */
  readonly localBudgetShare: number;
};

/** At least one: a share of nothing would be a stop. */
export function fallbackLimit<T extends number | undefined>(limit: T, share: number): number | T {
  return limit === undefined ? limit : Math.max(1, Math.floor(limit * share));
}
