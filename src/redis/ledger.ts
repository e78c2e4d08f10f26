import type { Redis } from 'ioredis';
import { z } from 'zod';
import {
  type Ledger,
  type LedgerLimits,
  type LedgerReservation,
  type LedgerTimes,
  ledgerTimes,
  type Shortage,
} from '../limits/ledger.ts';
import { balanceLua, renewLua, reserveLua, settleLua } from './ledger-scripts.ts';
import { createScript } from './script.ts';

const shortages = [undefined, 'tokens', 'streams', 'spent', 'held'] as const satisfies readonly (
  | Shortage
  | undefined
)[];

const balance = z.tuple([z.int(), z.int(), z.int()]);
const reply = z.tuple([z.int().min(0).max(4), z.int(), z.int(), z.int()]);

/** The ledger shared by gateways. Each operation is one step on Redis, by the clock of Redis. */
export function createRedisLedger(client: Redis, { leaseMs, minuteMs }: LedgerTimes = ledgerTimes): Ledger {
  const reserve = createScript(client, 'parleyReserve', reserveLua);
  const renew = createScript(client, 'parleyRenew', renewLua);
  const settle = createScript(client, 'parleySettle', settleLua);
  const look = createScript(client, 'parleyLook', balanceLua);
  return {
    async reserve(reservation, bounds) {
      const args = [...toArguments(reservation), leaseMs, ...toLimits(bounds)];
      const [shortage, tokens, minute, day] = reply.parse(await reserve(keysOf(reservation), minuteMs, ...args));
      return { shortage: shortages[shortage], tokens, minuteMs: minute, dayMs: day };
    },
    async renew(reservation) {
      await renew(keysOf(reservation), minuteMs, ...toArguments(reservation), leaseMs);
    },
    async settle(reservation, used) {
      await settle(keysOf(reservation), minuteMs, ...toArguments(reservation), used.tokens, used.nanoUsd);
    },
    async balance(caller) {
      const [tokens, streams, nanoUsd] = balance.parse(await look(accountOf(caller)));
      return { tokens, streams, nanoUsd };
    },
  };
}

function accountOf(caller: string): readonly string[] {
  return ['account', 'expiries', 'leases'].map((part) => `${prefixOf(caller)}:${part}`);
}

function keysOf({ caller, id }: LedgerReservation): readonly string[] {
  return [...accountOf(caller), `${prefixOf(caller)}:settled:${id}`];
}

/** The braces keep a caller's keys on one node of a cluster. */
function prefixOf(caller: string): string {
  return `parley:limits:{${encodeURIComponent(caller)}}`;
}

function toArguments({ id, tokens, nanoUsd, isStream }: LedgerReservation): readonly (string | number)[] {
  return [id, tokens, nanoUsd, isStream ? 1 : 0];
}

/** An empty string is no limit. */
function toLimits({ tokensPerMinute, concurrentStreams, nanoUsdPerDay }: LedgerLimits): readonly (string | number)[] {
  return [tokensPerMinute ?? '', concurrentStreams ?? '', nanoUsdPerDay ?? ''];
}
