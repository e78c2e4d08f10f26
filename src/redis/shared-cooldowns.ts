import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { Cooldown, KeyCooldowns } from '../core/key-cooldowns.ts';
import type { Log } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import type { RedisConnection } from './connection.ts';
import { createScript } from './script.ts';

const channel = 'parley:rests';

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
local told = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', now), '+inf', 'WITHSCORES')
local rests = {}
for i = 1, #told, 2 do rests[#rests + 1] = told[i] .. '\\n' .. string.format('%.0f', told[i + 1] - now) end
return rests
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
  const listeners = new Map<string, (rest: Cooldown) => void>();
  const publishTo = createScript(redis.client, 'parleyTellRest', publishLua);
  const list = createScript(redis.client, 'parleyListRests', listLua);
  // A subscribed connection can run no other commands.
  const ear = redis.client.duplicate();
  // The other connection logs errors. This one reconnects by itself too.
  const ignore = () => {};
  ear.on('error', ignore);
  ear.on('message', (_channel, text) => hear(text));
  ear.on('ready', () => void ear.subscribe(channel).catch(ignore));
  void ear.connect().catch(ignore);

  function hear(text: string): void {
    const [json = '', ms = ''] = text.split('\n');
    const { success, data } = message.safeParse(toJson(json));
    if (!success) {
      log.warn({}, 'a message that is no cooldown was published on parley:rests in Redis');
      return;
    }
    const { key, model, code, from } = data;
    if (from !== self) listeners.get(key)?.({ model, code, ms: Number(ms) });
  }

  redis.onReconnect(async () => {
    const stored = await redis.run(() => list([channel]));
    const { data } = z.array(z.string()).safeParse(stored?.value ?? []);
    if (data) for (const text of data) hear(text);
    else log.warn({}, 'unexpected reply of Redis to a list of cooldowns');
  });

  return {
    publish(key, provider, { model, code, ms }) {
      const json = JSON.stringify({ key: fingerprint(key, provider), model, code, from: self });
      void redis.run(() => publishTo([channel], json, Math.ceil(ms)));
    },
    subscribe: (key, provider, onRest) => void listeners.set(fingerprint(key, provider), onRest),
    close: () => ear.disconnect(),
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
