import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

/** How long an id stays taken after its request ended. */
const keptMs = 5 * 60_000;

export type RequestIds = {
  /**
   * Takes the id, which is the caller's own, or throws DUPLICATE_REQUEST. The function returned gives it back: at once if
   * nothing was spent on it, or after a time.
   */
  take(caller: Caller, id: string): (wasSpent: boolean) => void;
};

/**
 * One generation per request id. The standard SSE client subscribes again by itself after a dropped socket, and without
 * this each of its tries would be paid for.
 */
export function createRequestIds(clock: Clock): RequestIds {
  const running = new Set<string>();
  /** In the order of their end, so that what is over stands in front. */
  const ended = new Map<string, number>();
  return {
    take(caller, id) {
      const now = clock.now();
      const own = JSON.stringify([caller.id, id]);
      for (const [old, freeAt] of ended) {
        if (freeAt > now) break;
        ended.delete(old);
      }
      if (running.has(own) || ended.has(own)) {
        const state = running.has(own) ? 'is still running' : 'ended a short while ago';
        const message = `The request with this requestId ${state}; it is not generated again.`;
        throw new GatewayError('DUPLICATE_REQUEST', message, { issues: [{ path: 'requestId', message }] });
      }
      running.add(own);
      return (wasSpent) => {
        if (running.delete(own) && wasSpent) ended.set(own, clock.now() + keptMs);
      };
    },
  };
}
