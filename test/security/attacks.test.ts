import { beforeAll, describe, expect, it } from 'vitest';
import { attacks } from '../abuse/attacks.ts';
import { type Outcome, playAttacks } from '../abuse/play.ts';

/** Every attack of `npm run abuse`, against a gateway with a heap of 512 MB: it survives, and another caller is answered. */
describe('one caller does not stop another', () => {
  let outcomes: readonly Outcome[];
  beforeAll(async () => {
    outcomes = await playAttacks(attacks);
  }, 60_000);

  it.each(attacks.map(({ name, statuses }) => ({ name, statuses })))('$name', ({ name, statuses }) => {
    const outcome = outcomes.find((one) => one.name === name);
    expect(outcome).toMatchObject({ isAlive: true, victimFailed: 0 });
    // 0: the connection was closed while a refused body was still being sent.
    expect(outcome?.statuses.filter((status) => status !== 0 && !statuses.includes(status))).toEqual([]);
  });
});
