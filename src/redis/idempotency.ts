import { createHash, randomUUID } from 'node:crypto';
import type { Caller } from '../core/caller.ts';
import { duplicateOf, idsKeptMs, type RequestIds } from '../core/idempotency.ts';
import type { Clock } from '../core/ports.ts';
import type { SharedRedis } from './connection.ts';
import { createScript } from './script.ts';

export type SharedRequestIdsParts = {
  readonly redis: SharedRedis;
  /** The ids of this gateway, which it knows with Redis and without. */
  readonly local: RequestIds;
  readonly clock: Clock;
  /** How long a running id stays taken that is not renewed. */
  readonly leaseMs?: number;
  readonly keptMs?: number;
};

/** In the place of the one who runs it. */
const over = 'ended';

/** Gives an id back that is still one's own. */
const forgetLua = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** Request ids that all gateways of one Redis know. While it is away, each knows its own. */
export function createSharedRequestIds(parts: SharedRequestIdsParts): RequestIds {
  const { redis, local, clock, leaseMs = 30_000, keptMs = idsKeptMs } = parts;
  const forget = createScript(redis.client, 'parleyForget', forgetLua);

  return {
    async take(caller, id) {
      const giveBackHere = await local.take(caller, id);
      const key = keyOf(caller, id);
      const own = randomUUID();
      const taken = await redis.ask((client) => client.set(key, own, 'PX', leaseMs, 'NX'));
      if (taken && taken.value === null) {
        giveBackHere(false);
        const state = await redis.ask((client) => client.get(key));
        throw duplicateOf(state?.value === over ? 'ended' : 'running');
      }
      // Also where Redis was away when it began.
      let stop = clock.after(leaseMs / 3, renew);
      function renew(): void {
        void redis.ask((client) => client.set(key, own, 'PX', leaseMs));
        stop = clock.after(leaseMs / 3, renew);
      }
      return (wasSpent) => {
        stop();
        giveBackHere(wasSpent);
        void redis.ask((client) => (wasSpent ? client.set(key, over, 'PX', keptMs) : forget([key], own)));
      };
    },
  };
}

/** An id is the caller's own text. */
function keyOf({ id: caller }: Caller, id: string): string {
  return `parley:request:${createHash('sha256')
    .update(JSON.stringify([caller, id]))
    .digest('base64url')}`;
}
