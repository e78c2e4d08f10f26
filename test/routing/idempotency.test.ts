import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { createIdempotencyStore } from '../../src/routing/idempotency.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const minute = 60_000;

function withClock() {
  const clock = createFakeClock();
  const ids = createIdempotencyStore(clock);
  const taken = async (id: string) => {
    try {
      const giveBack = await ids.claim(anonymous, id);
      giveBack(true);
      return false;
    } catch {
      return true;
    }
  };
  return { ids, taken, pass: clock.pass };
}

describe('a request id', () => {
  it('is claimed as long as its request runs', async () => {
    const { ids, taken, pass } = withClock();
    await ids.claim(anonymous, 'a');
    pass(60 * minute);
    expect(await taken('a')).toBe(true);
    expect(await taken('b')).toBe(false);
  });

  it('is free again 5 minutes after its request ended', async () => {
    const { ids, taken, pass } = withClock();
    const release = await ids.claim(anonymous, 'a');
    pass(minute);
    release(true);
    pass(5 * minute - 1);
    expect(await taken('a')).toBe(true);
    pass(1);
    expect(await taken('a')).toBe(false);
  });

  it('is free at once if nothing was spent on it', async () => {
    const { ids, taken } = withClock();
    const giveBack = await ids.claim(anonymous, 'a');
    giveBack(false);
    expect(await taken('a')).toBe(false);
  });

  it('is not claimed longer for being released twice', async () => {
    const { ids, taken, pass } = withClock();
    const release = await ids.claim(anonymous, 'a');
    release(true);
    pass(4 * minute);
    release(true);
    pass(minute);
    expect(await taken('a')).toBe(false);
  });

  it('is claimed per caller', async () => {
    const { ids, taken } = withClock();
    await ids.claim({ ...anonymous, id: 'somebody else' }, 'a');
    expect(await taken('a')).toBe(false);
  });
});
