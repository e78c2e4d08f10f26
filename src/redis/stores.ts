import type { IdempotencyStore } from '../core/idempotency.ts';
import type { KeyCooldowns } from '../core/key-cooldowns.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import type { Ledger } from '../limits/ledger.ts';
import { createMemoryLedger } from '../limits/memory-ledger.ts';
import { createMemoryRequestCounter, type RequestCounter } from '../limits/request-counter.ts';
import type { SharedStreams } from '../resume/shared-streams.ts';
import type { Counts } from '../usage/counts.ts';
import { createMemoryCounts } from '../usage/memory-counts.ts';
import { connectRedis } from './connection.ts';
import type { FallbackLimits } from './fallback-limits.ts';
import { createSharedIdempotencyStore } from './idempotency.ts';
import { createRedisLedger } from './ledger.ts';
import { createLedgerWithFallback } from './ledger-with-fallback.ts';
import { createRedisRequestCounter, createRequestCounterWithFallback } from './request-counter.ts';
import { createSharedCooldowns } from './shared-cooldowns.ts';
import { createSharedStreams } from './shared-streams.ts';
import { createSharedUsage } from './usage.ts';

export type SharedStoresParts = {
  readonly url: Secret;
  readonly shares: FallbackLimits;
  /** The local idempotency store. */
  readonly idempotency: IdempotencyStore;
  readonly clock: Clock;
  readonly log: Log;
};

export type SharedStores = {
  readonly requests: RequestCounter;
  readonly ledger: Ledger;
  readonly idempotency: IdempotencyStore;
  readonly cooldowns: KeyCooldowns;
  readonly counts: Counts;
  /** Streams that other gateways may resume. Undefined for a single gateway. */
  readonly openStreams?: (parts: { readonly onLost: () => void }) => SharedStreams;
  close(): Promise<void>;
};

/** All shared stores, each with a local fallback. */
export async function openSharedStores(parts: SharedStoresParts): Promise<SharedStores> {
  const { url, shares, idempotency: local, clock, log } = parts;
  const redis = await connectRedis(url, clock, log);
  const { client } = redis;
  const cooldowns = createSharedCooldowns(redis, log);
  const counts = createSharedUsage({ redis, local: createMemoryCounts(clock), clock });
  return {
    requests: createRequestCounterWithFallback(
      redis,
      createRedisRequestCounter(client),
      createMemoryRequestCounter(),
      shares,
    ),
    ledger: createLedgerWithFallback({
      redis,
      shared: createRedisLedger(client),
      local: createMemoryLedger(clock),
      shares,
    }),
    idempotency: createSharedIdempotencyStore({ redis, local, clock }),
    cooldowns,
    counts,
    openStreams: ({ onLost }) => createSharedStreams({ redis, clock, log, onLost }),
    async close() {
      cooldowns.close();
      await counts.close();
      await redis.close();
    },
  };
}
