import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../core/ports.ts';
import { createKeyPool, type KeyPool, type KeyPoolParts } from './key-pool.ts';

/**
 * Key pools of every provider, kept over reloads: what was learned about keys stays, as long as the keys, the address
 * and the rules are the same.
 */
export type KeyPools = {
  poolOf(connection: Connection, rules: Omit<KeyPoolParts, 'secrets'>): KeyPool;
};

type Entry = Pick<KeyPoolParts, 'cooldowns' | 'breaker'> & { readonly connection: Connection; readonly pool: KeyPool };

export function createKeyPools(): KeyPools {
  const pools = new Map<string, Entry>();
  return {
    poolOf(connection, rules) {
      const { provider, cooldowns, breaker } = rules;
      const entry = pools.get(provider);
      if (
        entry &&
        isSameConnection(entry.connection, connection) &&
        isDeepStrictEqual([entry.cooldowns, entry.breaker], [cooldowns, breaker])
      ) {
        return entry.pool;
      }
      const pool = createKeyPool({ ...rules, secrets: connection.keys });
      pools.set(provider, { connection, cooldowns, breaker, pool });
      return pool;
    },
  };
}

function isSameConnection(a: Connection, b: Connection): boolean {
  return (
    a.baseUrl.href === b.baseUrl.href &&
    a.isSandbox === b.isSandbox &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, index) => key.reveal() === b.keys[index]?.reveal())
  );
}
