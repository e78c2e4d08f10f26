import type { Clock } from '../core/ports.ts';
import {
  type Balance,
  type Bounds,
  dayMs,
  type Ledger,
  type LedgerTimes,
  ledgerTimes,
  type Reservation,
  type Reserved,
  type Shortage,
} from './ledger.ts';

type Account = {
  readonly leases: Map<string, Lease>;
  minute: { readonly endsAt: number; tokens: number };
  day: { readonly number: number; spent: number };
};

/** One that has run out holds nothing any more, but what its call took still counts when it settles. */
type Lease = Reservation & { readonly minuteEndsAt: number; expiresAt: number };

/** What has run out and was not settled in this time never will be. */
const forgottenMs = 60 * 60_000;

/** The ledger of a gateway by itself. */
export function createMemoryLedger(clock: Clock, { leaseMs, minuteMs }: LedgerTimes = ledgerTimes): Ledger {
  /** Touched longest ago first. */
  const accounts = new Map<string, Account>();

  function open(caller: string): Account {
    const now = clock.now();
    const number = Math.floor(clock.today().getTime() / dayMs);
    for (const [old, account] of accounts) {
      const { leases, minute, day } = account;
      if (leases.size > 0 || minute.endsAt > now || (day.number === number && day.spent > 0)) break;
      accounts.delete(old);
    }
    const account = accounts.get(caller) ?? {
      leases: new Map(),
      minute: { endsAt: 0, tokens: 0 },
      day: { number, spent: 0 },
    };
    accounts.delete(caller);
    accounts.set(caller, account);
    if (account.minute.endsAt <= now) account.minute = { endsAt: now + minuteMs, tokens: 0 };
    if (account.day.number !== number) account.day = { number, spent: 0 };
    for (const { id, expiresAt } of account.leases.values()) {
      if (expiresAt + forgottenMs <= now) account.leases.delete(id);
    }
    return account;
  }

  function heldBy(leases: Account['leases']): Pick<Balance, 'streams' | 'nano'> {
    const held = [...leases.values()].filter(({ expiresAt }) => expiresAt > clock.now());
    return {
      streams: held.filter(({ isStream }) => isStream).length,
      nano: held.reduce((sum, { nano }) => sum + nano, 0),
    };
  }

  function shortageOf({ leases, minute, day }: Account, { isStream }: Reservation, bounds: Bounds) {
    const { streams, nano } = heldBy(leases);
    const { tokensPerMinute = Infinity, concurrentStreams = Infinity, nanoPerDay = Infinity } = bounds;
    const shortages: Readonly<Record<Shortage, boolean>> = {
      tokens: minute.tokens >= tokensPerMinute,
      streams: isStream && streams >= concurrentStreams,
      spent: day.spent >= nanoPerDay,
      held: day.spent + nano >= nanoPerDay,
    };
    return (Object.keys(shortages) as Shortage[]).find((shortage) => shortages[shortage]);
  }

  return {
    async reserve(reservation, bounds): Promise<Reserved> {
      const account = open(reservation.caller);
      const { leases, minute } = account;
      const now = clock.now();
      const shortage = shortageOf(account, reservation, bounds);
      if (!shortage) {
        minute.tokens += reservation.tokens;
        leases.set(reservation.id, { ...reservation, minuteEndsAt: minute.endsAt, expiresAt: now + leaseMs });
      }
      const untilMidnight = dayMs - (clock.today().getTime() % dayMs);
      return { shortage, tokens: minute.tokens, minuteMs: Math.ceil(minute.endsAt - now), dayMs: untilMidnight };
    },
    async look(caller) {
      const account = accounts.get(caller);
      if (!account) return { tokens: 0, streams: 0, nano: 0 };
      // Not opened: that would begin a minute, which is for a call to do.
      const { leases, minute, day } = account;
      const { streams, nano } = heldBy(leases);
      const isToday = day.number === Math.floor(clock.today().getTime() / dayMs);
      return {
        tokens: minute.endsAt > clock.now() ? minute.tokens : 0,
        streams,
        nano: (isToday ? day.spent : 0) + nano,
      };
    },
    async renew({ caller, id }) {
      const lease = open(caller).leases.get(id);
      if (lease) lease.expiresAt = clock.now() + leaseMs;
    },
    async settle({ caller, id }, used) {
      const { leases, minute, day } = open(caller);
      const lease = leases.get(id);
      if (!leases.delete(id) || !lease) return;
      day.spent += used.nano;
      const more = used.tokens - lease.tokens;
      // The minute in which too much was held is over; what was taken beyond it counts in this one.
      minute.tokens += lease.minuteEndsAt === minute.endsAt ? more : Math.max(0, more);
    },
  };
}
