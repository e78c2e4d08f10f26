import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createRequestCounter, type RequestCounter, requestWindow } from '../limits/request-counter.ts';
import type { SharedRedis } from './connection.ts';
import { type Shares, shareOf } from './fallback-limits.ts';

export function createRedisRequestCounter(client: Redis): RequestCounter {
  return createRequestCounter((points) => new RateLimiterRedis({ storeClient: client, points, ...requestWindow }));
}

/** The shared count, and while it is away a share of the limit by this gateway's own. */
export function createInsuredRequestCounter(
  redis: Pick<SharedRedis, 'ask'>,
  shared: RequestCounter,
  local: RequestCounter,
  { localShare }: Shares,
): RequestCounter {
  return {
    async look(caller, limit) {
      const told = await redis.ask(() => shared.look(caller, limit));
      return told?.value ?? (await local.look(caller, shareOf(limit, localShare)));
    },
    async count(caller, limit) {
      const told = await redis.ask(() => shared.count(caller, limit));
      return told?.value ?? (await local.count(caller, shareOf(limit, localShare)));
    },
  };
}
