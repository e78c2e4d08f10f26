import type { Ledger, LedgerLimits, LedgerReservation, Used } from '../limits/ledger.ts';
import type { RedisConnection } from './connection.ts';
import type { FallbackLimits } from './fallback-limits.ts';
import { fallbackLimit } from './fallback-limits.ts';

export type LedgerWithFallbackParts = {
  readonly redis: Pick<RedisConnection, 'run' | 'isUnavailable' | 'onReconnect'>;
  readonly shared: Ledger;
  /** The limits of this gateway while Redis is unavailable. */
  readonly local: Ledger;
  readonly shares: FallbackLimits;
};

type UnsettledUsage = { readonly reservation: LedgerReservation; readonly used: Used };

/** Settlements during an outage are sent later; beyond this number the oldest are dropped. */
const maxUnsettled = 10_000;
const nothing: Used = { tokens: 0, nanoUsd: 0 };

/** The shared ledger, with a local one while Redis is unavailable. */
export function createLedgerWithFallback({ redis, shared, local, shares }: LedgerWithFallbackParts): Ledger {
  const debts = new Map<string, UnsettledUsage>();

  function owe(reservation: LedgerReservation, used: Used): void {
    debts.set(reservation.id, { reservation, used });
    for (const oldest of debts.keys()) {
      if (debts.size <= maxUnsettled) break;
      debts.delete(oldest);
    }
  }

  async function settleShared(reservation: LedgerReservation, used: Used): Promise<void> {
    const settled = await redis.run(async () => shared.settle(reservation, used));
    if (settled) debts.delete(reservation.id);
    else owe(reservation, used);
  }

  /** One after the other: thousands at once would look like a slow Redis. */
  async function payDebts(): Promise<void> {
    for (const { reservation, used } of [...debts.values()]) {
      if (redis.isUnavailable) return;
      await settleShared(reservation, used);
    }
  }

  redis.onReconnect(() => void payDebts());

  return {
    async reserve(reservation, bounds) {
      const wasAway = redis.isUnavailable;
      const pending = await redis.run(async () => shared.reserve(reservation, bounds));
      if (pending) return pending.value;
      const fallbackLimits = toLocal(bounds, shares);
      const reserved = await local.reserve(reservation, fallbackLimits);
      // Redis may have run a command later that it did not confirm in time, for a request that was refused.
      if (!wasAway && reserved.shortage) owe(reservation, nothing);
      return { ...reserved, fallbackLimits };
    },
    async balance(caller) {
      const pending = await redis.run(async () => shared.balance(caller));
      return pending?.value ?? (await local.balance(caller));
    },
    async renew(reservation) {
      await local.renew(reservation);
      await redis.run(async () => shared.renew(reservation));
    },
    async settle(reservation, used) {
      await local.settle(reservation, used);
      await settleShared(reservation, used);
    },
  };
}

function toLocal(
  { tokensPerMinute, concurrentStreams, nanoUsdPerDay }: LedgerLimits,
  shares: FallbackLimits,
): LedgerLimits {
  return {
    tokensPerMinute: fallbackLimit(tokensPerMinute, shares.localShare),
    concurrentStreams: fallbackLimit(concurrentStreams, shares.localShare),
    nanoUsdPerDay: nanoUsdPerDay === undefined ? undefined : nanoUsdPerDay * shares.localBudgetShare,
  };
}
