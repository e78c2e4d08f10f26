import type { RequestIds } from '../core/idempotency.ts';
import type { KeyRests } from '../core/key-cooldowns.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import type { Ledger } from '../limits/ledger.ts';
import { createMemoryLedger } from '../limits/memory-ledger.ts';
import { createMemoryRequestCounter, type RequestCounter } from '../limits/request-counter.ts';
import type { Counts } from '../usage/counts.ts';
import { createMemoryCounts } from '../usage/memory-counts.ts';
import { connectRedis } from './connection.ts';
import type { Shares } from './fallback-limits.ts';
import { createSharedRequestIds } from './idempotency.ts';
import { createRedisLedger } from './ledger.ts';
import { createInsuredLedger } from './ledger-with-fallback.ts';
import { createInsuredRequestCounter, createRedisRequestCounter } from './request-counter.ts';
import { createSharedRests } from './shared-cooldowns.ts';
import { createSharedUsage } from './usage.ts';

export type SharedStoresParts = {
  readonly url: Secret;
  readonly shares: Shares;
  /** The request ids of this gateway. */
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  readonly log: Log;
};

export type SharedStores = {
  readonly requests: RequestCounter;
  readonly ledger: Ledger;
  readonly requestIds: RequestIds;
  readonly rests: KeyRests;
  readonly counts: Counts;
  close(): Promise<void>;
};

/** All that gateways share, each insured against the loss of Redis. */
export async function openSharedStores(parts: SharedStoresParts): Promise<SharedStores> {
  const { url, shares, requestIds: local, clock, log } = parts;
  const redis = await connectRedis(url, clock, log);
  const { client } = redis;
  const rests = createSharedRests(redis, log);
  const counts = createSharedUsage({ redis, local: createMemoryCounts(clock), clock });
  return {
    requests: createInsuredRequestCounter(
      redis,
      createRedisRequestCounter(client),
      createMemoryRequestCounter(),
      shares,
    ),
    ledger: createInsuredLedger({
      redis,
      shared: createRedisLedger(client),
      local: createMemoryLedger(clock),
      shares,
    }),
    requestIds: createSharedRequestIds({ redis, local, clock }),
    rests,
    counts,
    async close() {
      rests.close();
      await counts.close();
      await redis.close();
    },
  };
}
