import type { Bounds, Ledger, Reservation, Used } from '../limits/ledger.ts';
import type { SharedRedis } from './connection.ts';
import type { Shares } from './fallback-limits.ts';
import { shareOf } from './fallback-limits.ts';

export type InsuredLedgerParts = {
  readonly redis: Pick<SharedRedis, 'ask' | 'isAway' | 'onReturn'>;
  readonly shared: Ledger;
  /** What this gateway goes by while Redis is away. */
  readonly local: Ledger;
  readonly shares: Shares;
};

type Debt = { readonly reservation: Reservation; readonly used: Used };

/** What is settled while Redis is away is told to it later; beyond so many the oldest are given up. */
const maxDebts = 10_000;
const nothing: Used = { tokens: 0, nano: 0 };

/** The shared ledger, and while it is away a small one of this gateway's own. */
export function createInsuredLedger({ redis, shared, local, shares }: InsuredLedgerParts): Ledger {
  const debts = new Map<string, Debt>();

  function owe(reservation: Reservation, used: Used): void {
    debts.set(reservation.id, { reservation, used });
    for (const oldest of debts.keys()) {
      if (debts.size <= maxDebts) break;
      debts.delete(oldest);
    }
  }

  async function settleShared(reservation: Reservation, used: Used): Promise<void> {
    const settled = await redis.ask(async () => shared.settle(reservation, used));
    if (settled) debts.delete(reservation.id);
    else owe(reservation, used);
  }

  /** One after the other: thousands at once would look like a Redis that is slow. */
  async function payDebts(): Promise<void> {
    for (const { reservation, used } of [...debts.values()]) {
      if (redis.isAway) return;
      await settleShared(reservation, used);
    }
  }

  redis.onReturn(() => void payDebts());

  return {
    async reserve(reservation, bounds) {
      const wasAway = redis.isAway;
      const told = await redis.ask(async () => shared.reserve(reservation, bounds));
      if (told) return told.value;
      const alone = toLocal(bounds, shares);
      const reserved = await local.reserve(reservation, alone);
      // What Redis did not confirm it may have done all the same, later, for a call that was refused.
      if (!wasAway && reserved.shortage) owe(reservation, nothing);
      return { ...reserved, alone };
    },
    async look(caller) {
      const told = await redis.ask(async () => shared.look(caller));
      return told?.value ?? (await local.look(caller));
    },
    async renew(reservation) {
      await local.renew(reservation);
      await redis.ask(async () => shared.renew(reservation));
    },
    async settle(reservation, used) {
      await local.settle(reservation, used);
      await settleShared(reservation, used);
    },
  };
}

function toLocal({ tokensPerMinute, concurrentStreams, nanoPerDay }: Bounds, shares: Shares): Bounds {
  return {
    tokensPerMinute: shareOf(tokensPerMinute, shares.localShare),
    concurrentStreams: shareOf(concurrentStreams, shares.localShare),
    nanoPerDay: nanoPerDay === undefined ? undefined : nanoPerDay * shares.localMoneyShare,
  };
}
