/**
 * The ledger of what callers have used and reserved. A request reserves its worst case and settles what it used; a
 * reservation that is not renewed expires, so that a process that dies holds nothing for ever.
 */
export type Ledger = {
  /**
   * Reserves an amount, or says what is short. A caller is admitted while anything is left, even if the request may use
   * more: limits are exceeded by one request at most, and a limit below one worst case does not block a caller.
   */
  reserve(reservation: LedgerReservation, bounds: LedgerLimits): ReservationResult | Promise<ReservationResult>;
  /** Extends a reservation. */
  renew(reservation: LedgerReservation): Promise<void> | undefined;
  /** Releases a reservation and counts what was used. A second call changes nothing. */
  settle(reservation: LedgerReservation, used: Used): Promise<void> | undefined;
  /** What a caller has used and reserved. Changes nothing. */
  balance(caller: string): Balance | Promise<Balance>;
};

/** Tokens of this minute, concurrent streams and money of this day: used and reserved together. */
export type Balance = Used & { readonly streams: number };

/** Money is counted in whole nano-dollars: sums of fractions would drift. */
export type Used = { readonly tokens: number; readonly nanoUsd: number };

export type LedgerReservation = Used & {
  readonly id: string;
  /** Id of the caller. */
  readonly caller: string;
  readonly isStream: boolean;
};

export type LedgerLimits = {
  readonly tokensPerMinute: number | undefined;
  readonly concurrentStreams: number | undefined;
  readonly nanoUsdPerDay: number | undefined;
};

/** The limit with nothing left. `held`: the money is not spent, but running requests reserve the rest of it. */
export type Shortage = 'tokens' | 'streams' | 'spent' | 'held';

export type ReservationResult = {
  readonly shortage: Shortage | undefined;
  /** Used and reserved in this minute. */
  readonly tokens: number;
  /** Until the minute and the day end, in milliseconds. */
  readonly minuteMs: number;
  readonly dayMs: number;
  /** The shared ledger was unavailable: this gateway limits alone. */
  readonly fallbackLimits?: LedgerLimits;
};

export type LedgerTimes = {
  /** How long a reservation lasts without renewal, in milliseconds. */
  readonly leaseMs: number;
  /** The window of tokensPerMinute, in milliseconds. */
  readonly minuteMs: number;
};

export const ledgerTimes: LedgerTimes = { leaseMs: 30_000, minuteMs: 60_000 };

export const dayMs = 24 * 60 * 60_000;
