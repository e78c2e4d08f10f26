import { seededChance } from '../support/seeded-chance.ts';

/** The random source of a case. Deterministic for a seed. */
export type Dice = {
  chance(): number;
  /** An integer from 0 up to, not including, this. */
  below(limit: number): number;
  pick<T>(...choices: readonly [T, ...T[]]): T;
  /** At most so many pieces, in order. */
  some(most: number, piece: () => string): string;
  /** Any bytes, as latin1. */
  bytes(most: number): string;
};

export function createDice(seed: number): Dice {
  const chance = seededChance(seed);
  const below = (limit: number) => Math.floor(chance() * limit);
  const some: Dice['some'] = (most, piece) => Array.from({ length: below(most) }, piece).join('');
  return {
    chance,
    below,
    pick: (...choices) => choices[below(choices.length)] ?? choices[0],
    some,
    bytes: (most) => some(most, () => String.fromCharCode(below(256))),
  };
}
