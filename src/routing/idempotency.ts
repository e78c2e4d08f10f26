import { duplicateRequest, type IdempotencyStore, keepClaimMs } from '../core/idempotency.ts';
import type { Clock } from '../core/ports.ts';

/**
 * Idempotency keys of a single gateway. The standard SSE client subscribes again after a dropped connection, and
 * without this each attempt would be paid for.
 */
export function createIdempotencyStore(clock: Clock, keptMs = keepClaimMs): IdempotencyStore {
  const running = new Set<string>();
  /** In the order of their end, so that expired ones come first. */
  const ended = new Map<string, number>();
  return {
    async claim(caller, id) {
      const now = clock.now();
      const own = JSON.stringify([caller.id, id]);
      for (const [old, freeAt] of ended) {
        if (freeAt > now) break;
        ended.delete(old);
      }
      if (running.has(own)) throw duplicateRequest('running');
      if (ended.has(own)) throw duplicateRequest('ended');
      running.add(own);
      return (wasSpent) => {
        if (running.delete(own) && wasSpent) ended.set(own, clock.now() + keptMs);
      };
    },
  };
}
