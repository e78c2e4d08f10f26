import type { AbortSignalLike } from '../core/abort.ts';
import type { Clock, Random } from '../core/ports.ts';

export type RetrySettings = {
  /** How often one call may wait and ask again. 0: never. */
  readonly max: number;
  /** Bound of the first wait; it doubles with each further one, up to `maxMs`. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** The longest wait that a provider may ask for. A longer one is the caller's to wait. */
  readonly maxRetryAfterMs: number;
};

/**
 * Full jitter: any wait from none to the bound. Callers that failed together come back spread out ("Exponential backoff and
 * jitter", AWS Architecture Blog).
 */
export function backoffMs(round: number, { baseMs, maxMs }: RetrySettings, random: Random): number {
  return random() * Math.min(maxMs, baseMs * 2 ** round);
}

/** Never sooner than told, and a little later for some. */
export function withJitter(toldMs: number, random: Random): number {
  return toldMs * (1 + random() / 10);
}

/** Waits, unless the signal ends that: then its reason is thrown. */
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
