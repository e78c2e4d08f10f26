import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createRequestCounter, type RequestCounter, requestWindow } from '../limits/request-counter.ts';
import type { RedisConnection } from './connection.ts';
import { type FallbackLimits, fallbackLimit } from './fallback-limits.ts';

export function createRedisRequestCounter(client: Redis): RequestCounter {
  return createRequestCounter((points) => new RateLimiterRedis({ storeClient: client, points, ...requestWindow }));
}

/** The shared count, with a local share of the limit while Redis is unavailable. */
export function createRequestCounterWithFallback(
  redis: Pick<RedisConnection, 'run'>,
  shared: RequestCounter,
  local: RequestCounter,
  { localShare }: FallbackLimits,
): RequestCounter {
  return {
    async current(caller, limit) {
      const result = await redis.run(() => shared.current(caller, limit));
      return result?.value ?? (await local.current(caller, fallbackLimit(limit, localShare)));
    },
    async count(caller, limit) {
      const result = await redis.run(() => shared.count(caller, limit));
      return result?.value ?? (await local.count(caller, fallbackLimit(limit, localShare)));
    },
  };
}
