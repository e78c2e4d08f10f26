import type { AbortSignalLike } from '../core/abort.ts';
import type { Clock, Random } from '../core/ports.ts';

export type RetrySettings = {
  /** How often one request may wait and retry. 0: never. */
  readonly max: number;
  /** Upper bound of the first wait in milliseconds; it doubles with each retry, up to `maxMs`. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** The longest Retry-After that is waited for, in milliseconds. A longer one is reported to the client. */
  readonly maxRetryAfterMs: number;
};

/**
 * Full jitter: a random wait between 0 and the bound, so that requests that failed together do not retry together
 * ("Exponential Backoff And Jitter", AWS Architecture Blog).
 */
export function backoffMs(round: number, { baseMs, maxMs }: RetrySettings, random: Random): number {
  return random() * Math.min(maxMs, baseMs * 2 ** round);
}

/** Never earlier than the provider asks, and up to 10 % later. */
export function withJitter(toldMs: number, random: Random): number {
  return toldMs * (1 + random() / 10);
}

/** Sleeps until the time is over, or rejects with the signal's reason. */
export function sleep(ms: number, clock: Clock, signal: AbortSignalLike): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', leave);
      resolve();
    });
    const leave = () => {
      cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
  });
}
