import { expect, it } from 'vitest';
import type { RedisConnection } from '../../src/redis/connection.ts';
import { createSharedCooldowns } from '../../src/redis/shared-cooldowns.ts';

/** A Redis that answers in another form than expected ends no process: a rejection would be unhandled here. */

it.each([[7], [{ length: 3 }], [[1, 2]], ['text'], [null]])(
  'survives a list of cooldowns that is %j',
  async (value) => {
    const lines: string[] = [];
    const log = {
      info: () => {},
      warn: (_fields: object, message: string) => void lines.push(message),
      error: () => {},
    };
    let reconnected: (() => void) | undefined;
    const subscriber = { on: () => {}, connect: async () => {}, subscribe: async () => {}, disconnect: () => {} };
    const client = { defineCommand: () => {}, duplicate: () => subscriber };
    // Only these of a connection are used.
    const redis = {
      client,
      isUnavailable: false,
      run: async () => ({ value }),
      onReconnect(run: () => void) {
        reconnected = run;
      },
      close: async () => {},
    } as unknown as RedisConnection;
    createSharedCooldowns(redis, log);
    await reconnected?.();
    expect(reconnected).toBeDefined();
    if (value !== null) expect(lines).toEqual(['unexpected reply of Redis to a list of cooldowns']);
  },
);
