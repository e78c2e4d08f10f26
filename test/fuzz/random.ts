import { seededChance } from '../support/seeded-chance.ts';

/** What one case is made of. The same seed throws the same. */
export type Dice = {
  chance(): number;
  /** A whole number below this. */
  below(limit: number): number;
  pick<T>(...choices: readonly [T, ...T[]]): T;
  /** So many pieces at most, one after the other. */
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
