import { describe, expect, it } from 'vitest';
import { stallReaders } from './slow-readers.ts';
import { soak } from './soak.ts';
import { verdictOf } from './soak-verdict.ts';

/** Short forms of `npm run soak` and `npm run slow-readers`. */

describe('a gateway under all kinds of load', () => {
  it('holds nothing any more when its callers are gone', { timeout: 90_000 }, async () => {
    const soaked = await soak({ ms: 3_000, seed: 1, callers: 24, reload: false });
    expect(verdictOf(soaked)).toEqual([]);
    expect(soaked.left).toBeGreaterThan(0);
    expect(soaked.stalled).toBeGreaterThan(0);
  });

  it('keeps a bounded piece of a stream for each who stops reading, and ends it in time', {
    timeout: 60_000,
  }, async () => {
    const limitMs = 2_000;
    const seen = await stallReaders({ readers: 30, heldMs: 1_500, limitMs });
    expect(seen.perReaderBytes).toBeLessThan(6 * 1024 * 1024);
    expect(seen.lastEndedMs).toBeLessThan(2 * limitMs + 10_000);
    expect(seen.socketsLeft).toBe(0);
  });
});
