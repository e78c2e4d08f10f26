import { createHash, randomUUID } from 'node:crypto';
import type { Caller } from '../core/caller.ts';
import { duplicateRequest, type IdempotencyStore, keepClaimMs } from '../core/idempotency.ts';
import type { Clock } from '../core/ports.ts';
import type { RedisConnection } from './connection.ts';
import { createScript } from './script.ts';

export type SharedIdempotencyParts = {
  readonly redis: RedisConnection;
  /** The claims of this gateway, with Redis and without. */
  readonly local: IdempotencyStore;
  readonly clock: Clock;
  /** How long a running claim lasts without renewal, in milliseconds. */
  readonly leaseMs?: number;
  readonly keptMs?: number;
};

/** The value of a claim whose request has ended. */
const over = 'ended';

/** Releases a claim if it is still this request's. */
const forgetLua = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** Idempotency keys shared by all gateways of one Redis. While it is unavailable, each knows its own. */
export function createSharedIdempotencyStore(parts: SharedIdempotencyParts): IdempotencyStore {
  const { redis, local, clock, leaseMs = 30_000, keptMs = keepClaimMs } = parts;
  const forget = createScript(redis.client, 'parleyForget', forgetLua);

  return {
    async claim(caller, id) {
      const releaseLocal = await local.claim(caller, id);
      const key = keyOf(caller, id);
      const claimId = randomUUID();
      const claimed = await redis.run((client) => client.set(key, claimId, 'PX', leaseMs, 'NX'));
      if (claimed && claimed.value === null) {
        releaseLocal(false);
        const state = await redis.run((client) => client.get(key));
        throw duplicateRequest(state?.value === over ? 'ended' : 'running');
      }
      // Also where Redis was unavailable at the beginning.
      let stop = clock.after(leaseMs / 3, renew);
      function renew(): void {
        void redis.run((client) => client.set(key, claimId, 'PX', leaseMs));
        stop = clock.after(leaseMs / 3, renew);
      }
      return (wasSpent) => {
        stop();
        releaseLocal(wasSpent);
        void redis.run((client) => (wasSpent ? client.set(key, over, 'PX', keptMs) : forget([key], claimId)));
      };
    },
  };
}

/** The id is the caller's own text. */
function keyOf({ id: caller }: Caller, id: string): string {
  return `parley:request:${createHash('sha256')
    .update(JSON.stringify([caller, id]))
    .digest('base64url')}`;
}
