import type { Clock } from '../core/ports.ts';
import {
  type Balance,
  dayMs,
  type Ledger,
  type LedgerLimits,
  type LedgerReservation,
  type LedgerTimes,
  ledgerTimes,
  type ReservationResult,
  type Shortage,
} from './ledger.ts';

type Account = {
  /** Active reservations and their sums, oldest expiry first: all leases have the same length. */
  readonly held: Map<string, Lease>;
  streams: number;
  nano: number;
  /** Expired reservations. What their requests used still counts when they settle. */
  readonly late: Map<string, Lease>;
  minute: { readonly endsAt: number; tokens: number };
  day: { readonly number: number; spent: number };
};

type Lease = LedgerReservation & { readonly minuteEndsAt: number; readonly expiresAt: number };

/** How often idle accounts are looked for, in milliseconds. */
const forgetMs = 1_000;
/** An expired reservation that was not settled within this time is dropped. */
const forgottenMs = 60 * 60_000;

/** The ledger of a single gateway. */
export function createMemoryLedger(clock: Clock, { leaseMs, minuteMs }: LedgerTimes = ledgerTimes): Ledger {
  /** Least recently used first. */
  const accounts = new Map<string, Account>();
  let forgetAt = 0;

  /** Drops accounts that reserve nothing and have used nothing that still counts. */
  function forget(now: number, number: number): void {
    if (now < forgetAt) return;
    forgetAt = now + forgetMs;
    for (const [old, account] of accounts) {
      sweep(account, now);
      const { held, late, minute, day } = account;
      const isIdle = held.size === 0 && late.size === 0 && minute.endsAt <= now;
      if (!isIdle || (day.number >= number && day.spent > 0)) break;
      accounts.delete(old);
    }
  }

  function open(caller: string): Account {
    const now = clock.now();
    const number = Math.floor(clock.date().getTime() / dayMs);
    forget(now, number);
    const account = accounts.get(caller) ?? {
      held: new Map(),
      streams: 0,
      nano: 0,
      late: new Map(),
      minute: { endsAt: 0, tokens: 0 },
      day: { number, spent: 0 },
    };
    accounts.delete(caller);
    accounts.set(caller, account);
    sweep(account, now);
    if (account.minute.endsAt <= now) account.minute = { endsAt: now + minuteMs, tokens: 0 };
    // A clock that was set back over midnight begins no new day.
    if (number > account.day.number) account.day = { number, spent: 0 };
    return account;
  }

  function sweep(account: Account, now: number): void {
    for (const lease of account.held.values()) {
      if (lease.expiresAt > now) break;
      letGo(account, lease);
      account.late.set(lease.id, lease);
    }
    if (account.late.size === 0) return;
    for (const { id, expiresAt } of account.late.values()) {
      if (expiresAt + forgottenMs > now) break;
      account.late.delete(id);
    }
  }

  function hold(account: Account, lease: Lease): void {
    account.held.set(lease.id, lease);
    account.streams += lease.isStream ? 1 : 0;
    account.nano += lease.nanoUsd;
  }

  function letGo(account: Account, { id, isStream, nanoUsd }: Lease): void {
    if (!account.held.delete(id)) return;
    account.streams -= isStream ? 1 : 0;
    account.nano -= nanoUsd;
  }

  function shortageOf(
    { streams, nano, minute, day }: Account,
    isStream: boolean,
    bounds: LedgerLimits,
  ): Shortage | undefined {
    const { tokensPerMinute = Infinity, concurrentStreams = Infinity, nanoUsdPerDay = Infinity } = bounds;
    if (minute.tokens >= tokensPerMinute) return 'tokens';
    if (isStream && streams >= concurrentStreams) return 'streams';
    if (day.spent >= nanoUsdPerDay) return 'spent';
    return day.spent + nano >= nanoUsdPerDay ? 'held' : undefined;
  }

  return {
    reserve(reservation, bounds): ReservationResult {
      const account = open(reservation.caller);
      const { minute } = account;
      const now = clock.now();
      const shortage = shortageOf(account, reservation.isStream, bounds);
      if (!shortage) {
        minute.tokens += reservation.tokens;
        hold(account, { ...reservation, minuteEndsAt: minute.endsAt, expiresAt: now + leaseMs });
      }
      const untilMidnight = dayMs - (clock.date().getTime() % dayMs);
      return { shortage, tokens: minute.tokens, minuteMs: Math.ceil(minute.endsAt - now), dayMs: untilMidnight };
    },
    balance(caller): Balance {
      const account = accounts.get(caller);
      if (!account) return { tokens: 0, streams: 0, nanoUsd: 0 };
      // Not opened: opening would begin a minute, which only a request does.
      sweep(account, clock.now());
      const { streams, nano, minute, day } = account;
      const isToday = day.number >= Math.floor(clock.date().getTime() / dayMs);
      return {
        tokens: minute.endsAt > clock.now() ? minute.tokens : 0,
        streams,
        nanoUsd: (isToday ? day.spent : 0) + nano,
      };
    },
    renew({ caller, id }) {
      const account = open(caller);
      const lease = account.held.get(id) ?? account.late.get(id);
      if (!lease) return;
      letGo(account, lease);
      account.late.delete(id);
      hold(account, { ...lease, expiresAt: clock.now() + leaseMs });
    },
    settle({ caller, id }, used) {
      const account = open(caller);
      const lease = account.held.get(id) ?? account.late.get(id);
      if (!lease) return;
      letGo(account, lease);
      account.late.delete(id);
      const { minute, day } = account;
      day.spent += used.nanoUsd;
      const more = used.tokens - lease.tokens;
      // The minute of the reservation is over; only what exceeds it counts in this one.
      minute.tokens += lease.minuteEndsAt === minute.endsAt ? more : Math.max(0, more);
    },
  };
}
