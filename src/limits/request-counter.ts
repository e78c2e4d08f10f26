import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimitWindow } from '../core/limits.ts';

/** Counts requests per minute. The minute begins with the first request. */
export type RequestCounter = {
  /** Counts one request, refused ones too. */
  count(caller: string, limit: number): Promise<RequestCount>;
  /** The count of this minute. Counts nothing. */
  current(caller: string, limit: number): Promise<number>;
};

export type RequestCount = RateLimitWindow & { readonly isOver: boolean };

/** The interface of rate-limiter-flexible's stores. */
type Limiter = {
  consume(caller: string): Promise<RateLimiterRes>;
  get(caller: string): Promise<RateLimiterRes | null>;
};

const minuteSeconds = 60;

/** A limiter has one limit for all keys, while each caller has its own: one limiter per limit, over the same counts. */
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
      // The store uses wall clock time. If the clock was set back the window would seem longer, but it still ends.
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

/** It rejects with its result above the limit, and with an Error for a failure. */
function toResult(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown;
  throw thrown;
}
