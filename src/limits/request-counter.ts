import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimitWindow } from '../core/limits.ts';

/** Counts the requests of a minute, which begins with the first of them. */
export type RequestCounter = {
  /** Counts one more, also of those that are refused. */
  count(caller: string, limit: number): Promise<RequestCount>;
  /** How many there were in this minute. Counts none. */
  current(caller: string, limit: number): Promise<number>;
};

export type RequestCount = RateLimitWindow & { readonly isOver: boolean };

/** What rate-limiter-flexible offers in each of its stores. */
type Limiter = {
  consume(caller: string): Promise<RateLimiterRes>;
  get(caller: string): Promise<RateLimiterRes | null>;
};

const minuteSeconds = 60;

/** A limiter has one limit for all of its keys, while callers have their own: one for each limit, over the same counts. */
export function createRequestCounter(createLimiter: (points: number) => Limiter): RequestCounter {
  const limiters = new Map<number, Limiter>();

  function limiterOf(limit: number): Limiter {
    const limiter = limiters.get(limit) ?? createLimiter(limit);
    limiters.set(limit, limiter);
    return limiter;
  }

  return {
    async count(caller, limit) {
      const { consumedPoints, msBeforeNext, remainingPoints } = await limiterOf(limit).consume(caller).catch(toResult);
      // It goes by the time of day. Where that was put back, a minute would seem to last until then; it is over in time all the same.
      const resetMs = Math.min(msBeforeNext, minuteSeconds * 1000);
      return { isOver: consumedPoints > limit, limit, remaining: remainingPoints, resetMs };
    },
    async current(caller, limit) {
      return (await limiterOf(limit).get(caller))?.consumedPoints ?? 0;
    },
  };
}

export const requestWindow = { duration: minuteSeconds, keyPrefix: 'parley:requests' } as const;

export function createMemoryRequestCounter(): RequestCounter {
  return createRequestCounter((points) => new RateLimiterMemory({ points, ...requestWindow }));
}

/** It rejects with its result for what is over the limit, and with an Error for what went wrong. */
function toResult(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown;
  throw thrown;
}
