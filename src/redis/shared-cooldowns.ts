import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { Cooldown, KeyCooldowns } from '../core/key-cooldowns.ts';
import type { Log } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import type { RedisConnection } from './connection.ts';
import { createScript } from './script.ts';

const channel = 'parley:cooldowns';

/** Stores a cooldown until it is over, for gateways that start later, and publishes it to running ones. */
const publishLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], 86400000)
return redis.call('PUBLISH', KEYS[1], ARGV[1] .. '\\n' .. ARGV[2])
`;

/** All active cooldowns with their remaining time. */
const listLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', now), '+inf', 'WITHSCORES')
local result = {}
for i = 1, #found, 2 do result[#result + 1] = found[i] .. '\\n' .. string.format('%.0f', found[i + 1] - now) end
return result
`;

const message = z.object({
  key: z.string(),
  model: z.string().optional(),
  code: z.enum(Object.keys(failureCodes) as [FailureCode, ...FailureCode[]]),
  from: z.string(),
});

export type SharedCooldowns = KeyCooldowns & { close(): void };

export function createSharedCooldowns(redis: RedisConnection, log: Log): SharedCooldowns {
  const self = randomUUID();
  const listeners = new Map<string, (cooldown: Cooldown) => void>();
  const publishTo = createScript(redis.client, 'parleyPublishCooldown', publishLua);
  const list = createScript(redis.client, 'parleyListCooldowns', listLua);
  // A subscribed connection can run no other commands.
  const subscriber = redis.client.duplicate();
  // The other connection logs errors. This one reconnects, too.
  const ignore = () => {};
  subscriber.on('error', ignore);
  subscriber.on('message', (_channel, text) => receive(text));
  subscriber.on('ready', () => void subscriber.subscribe(channel).catch(ignore));
  void subscriber.connect().catch(ignore);

  function receive(text: string): void {
    const [json = '', ms = ''] = text.split('\n');
    const { success, data } = message.safeParse(toJson(json));
    if (!success) {
      log.warn({}, 'a message that is no cooldown was published on parley:cooldowns in Redis');
      return;
    }
    const { key, model, code, from } = data;
    if (from !== self) listeners.get(key)?.({ model, code, ms: Number(ms) });
  }

  redis.onReconnect(async () => {
    const stored = await redis.run(() => list([channel]));
    const { data } = z.array(z.string()).safeParse(stored?.value ?? []);
    if (data) for (const text of data) receive(text);
    else log.warn({}, 'unexpected reply of Redis to a list of cooldowns');
  });

  return {
    publish(key, provider, { model, code, ms }) {
      const json = JSON.stringify({ key: fingerprint(key, provider), model, code, from: self });
      void redis.run(() => publishTo([channel], json, Math.ceil(ms)));
    },
    subscribe: (key, provider, onCooldown) => void listeners.set(fingerprint(key, provider), onCooldown),
    close: () => subscriber.disconnect(),
  };
}

/** Identifies keys without revealing them: a part of their hash. */
function fingerprint(key: Secret | undefined, provider: string): string {
  return createHash('sha256')
    .update(`${provider}\n${key?.reveal() ?? ''}`)
    .digest('base64url')
    .slice(0, 16);
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
