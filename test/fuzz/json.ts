import type { Dice } from './random.ts';

/** JSON with some of its values replaced, removed or repeated. */

/** Unexpected values. */
function oddity({ pick, chance, bytes, below }: Dice): unknown {
  return pick<() => unknown>(
    () => null,
    () => true,
    () => '',
    () => [],
    () => ({}),
    () => chance() * 1e20,
    () => -below(1000),
    () => 1e300,
    () => 0.1,
    () => bytes(12),
    () => 'x'.repeat(below(5_000)),
    () => '\ud83d',
    () => '\u2028\u0000\r\n\r\ndata: [DONE]\r\n\r\n',
    () => ({ toString: 1, constructor: { prototype: 1 }, length: -1 }),
    () => Array.from({ length: below(300) }, () => 1),
  )();
}

export function mutated(value: unknown, dice: Dice): unknown {
  let result = value;
  for (let times = 1 + dice.below(3); times > 0; times--) result = mutatedOnce(result, dice);
  return result;
}

function mutatedOnce(value: unknown, dice: Dice): unknown {
  const { chance, pick } = dice;
  if (typeof value !== 'object' || value === null || chance() < 0.15) return oddity(dice);
  const keys = Object.keys(value);
  const key = keys[dice.below(keys.length)];
  if (key === undefined) return oddity(dice);
  if (Array.isArray(value)) {
    const place = Number(key);
    if (chance() < 0.1) return [...value, value[place]];
    return value.map((item, index) => (index === place ? mutatedOnce(item, dice) : item));
  }
  const inner = (value as Record<string, unknown>)[key];
  return pick<() => unknown>(
    () => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)),
    () => ({ ...value, [pick('__proto__', 'constructor', 'toString', 'extra', '')]: oddity(dice) }),
    () => ({ ...value, [key]: [inner] }),
    () => ({ ...value, [key]: mutatedOnce(inner, dice) }),
    () => ({ ...value, [key]: mutatedOnce(inner, dice) }),
    () => ({ ...value, [key]: mutatedOnce(inner, dice) }),
  )();
}
