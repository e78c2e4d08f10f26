/**
 * Keeps count of what callers hold and have used. A call reserves its worst case, and settles what it took; a reservation
 * that nobody renews is given back, so that a process which dies holds nothing for ever.
 */
export type Ledger = {
  /**
   * Holds so much for a call, or says why not. A caller is let in while something is left, even if the call may take more: so
   * limits are passed by one call at most, and a limit below a single worst case does not shut everybody out.
   */
  reserve(reservation: LedgerReservation, bounds: LedgerLimits): ReservationResult | Promise<ReservationResult>;
  /** Holds it for another while. */
  renew(reservation: LedgerReservation): Promise<void> | undefined;
  /** Gives back what is held, and counts what was used. A second time changes nothing. */
  settle(reservation: LedgerReservation, used: Used): Promise<void> | undefined;
  /** What a caller has used and holds now. Changes nothing. */
  balance(caller: string): Balance | Promise<Balance>;
};

/** Tokens of this minute, open streams, and the money of this day: used and held together. */
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

/** Which bound has nothing left. `held`: the money is not spent yet, but other calls hold what is left of it. */
export type Shortage = 'tokens' | 'streams' | 'spent' | 'held';

export type ReservationResult = {
  readonly shortage: Shortage | undefined;
  /** Used and held in this minute. */
  readonly tokens: number;
  /** How long until the minute ends, and the day. */
  readonly minuteMs: number;
  readonly dayMs: number;
  /** The ledger that gateways share was away: these are the bounds of one by itself. */
  readonly fallbackLimits?: LedgerLimits;
};

export type LedgerTimes = {
  /** How long a reservation lasts that is not renewed. */
  readonly leaseMs: number;
  /** The minute of tokensPerMinute. */
  readonly minuteMs: number;
};

export const ledgerTimes: LedgerTimes = { leaseMs: 30_000, minuteMs: 60_000 };

export const dayMs = 24 * 60 * 60_000;
