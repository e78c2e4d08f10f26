import { describe, expect, it } from 'vitest';
import { backoffMs, sleep, withJitter } from '../../src/routing/backoff.ts';
import { createRetryBudget } from '../../src/routing/retry-budget.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { policy, settled } from '../support/memory-gateway.ts';

function budget() {
  const clock = createFakeClock();
  const bucket = createRetryBudget({ burst: 10, ratio: 0.1 }, clock);
  const spendAll = () => {
    let spent = 0;
    while (bucket.spend()) spent += 1;
    return spent;
  };
  return { clock, bucket, spendAll };
}

describe('a retry budget', () => {
  it('starts with a burst, and earns one retry per ten calls', () => {
    const { bucket, spendAll } = budget();
    expect(spendAll()).toBe(10);
    for (let call = 0; call < 35; call++) bucket.earn();
    expect(bucket.allows()).toBe(true);
    expect(spendAll()).toBe(3);
    expect(bucket.allows()).toBe(false);
  });

  it('is full again after a quiet minute, and never exceeds it', () => {
    const { clock, spendAll } = budget();
    spendAll();
    clock.pass(30_000);
    expect(spendAll()).toBe(5);
    clock.pass(10 * 60_000);
    expect(spendAll()).toBe(10);
  });
});

describe('the backoff', () => {
  it('is random up to a bound that doubles', () => {
    const bounds = [0, 1, 2, 3, 4, 5, 20].map((round) => backoffMs(round, policy.retries, () => 1));
    expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(backoffMs(3, policy.retries, () => 0)).toBe(0);
  });

  it("follows the provider's Retry-After, plus at most a tenth", () => {
    expect([0, 0.5, 1].map((luck) => withJitter(2000, () => luck))).toEqual([2000, 2100, 2200]);
  });

  it('ends at once when the client disconnects, and leaves no timer', async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const waited = sleep(1000, clock, caller.signal);
    await settled();
    expect(clock.waiting).toBe(1);
    caller.abort(new Error('Gone'));
    await expect(waited).rejects.toThrow('Gone');
    expect(clock.waiting).toBe(0);
    await expect(sleep(1000, clock, caller.signal)).rejects.toThrow('Gone');
  });
});
