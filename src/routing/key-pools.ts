import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../core/ports.ts';
import { createKeyRing, type KeyRing, type KeyRingParts } from './key-pool.ts';

/**
 * The keys of every provider, over all the settings that a process has one after the other: what they have taught holds on, as
 * long as the same keys are used at the same place under the same rules.
 */
export type KeyRings = {
  ringOf(connection: Connection, rules: Omit<KeyRingParts, 'secrets'>): KeyRing;
};

type Known = Pick<KeyRingParts, 'coolDowns' | 'breaker'> & { readonly connection: Connection; readonly ring: KeyRing };

export function createKeyRings(): KeyRings {
  const rings = new Map<string, Known>();
  return {
    ringOf(connection, rules) {
      const { provider, coolDowns, breaker } = rules;
      const known = rings.get(provider);
      if (
        known &&
        isSamePlace(known.connection, connection) &&
        isDeepStrictEqual([known.coolDowns, known.breaker], [coolDowns, breaker])
      ) {
        return known.ring;
      }
      const ring = createKeyRing({ ...rules, secrets: connection.keys });
      rings.set(provider, { connection, coolDowns, breaker, ring });
      return ring;
    },
  };
}

function isSamePlace(a: Connection, b: Connection): boolean {
  return (
    a.baseUrl.href === b.baseUrl.href &&
    a.isSandbox === b.isSandbox &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, index) => key.reveal() === b.keys[index]?.reveal())
  );
}
