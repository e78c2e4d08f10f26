import { describe, expect, it } from 'vitest';
import { fuzz } from './run.ts';

/** The same five thousand cases every time; `npm run fuzz` runs others, and more. */

describe('five thousand random cases', () => {
  it('end in a valid answer or none, reveal no internals, and leave the gateway healthy', {
    timeout: 120_000,
  }, async () => {
    const numbers = Array.from({ length: 5_000 }, (_, number) => number);
    const { failures, outcomes } = await fuzz({ seed: 20_261, numbers });
    const [first] = failures;
    expect(failures, `npm run fuzz -- --seed 20261 --only ${first?.number}`).toEqual([]);
    // They reach every part: request parser, server, faces, and the decoders of provider answers.
    const times = (pattern: RegExp) => {
      const matching = [...outcomes].filter(([outcome]) => pattern.test(outcome));
      return matching.reduce((sum, [, count]) => sum + count, 0);
    };
    for (const status of ['200', '400', '401', '404', '405', '415']) {
      expect(times(new RegExp(`^HTTP ${status}`)), status).toBeGreaterThan(0);
    }
    for (const level of ['GraphQL', 'REST']) {
      expect(times(new RegExp(`^${level} 200$`)), level).toBeGreaterThan(20);
      expect(times(new RegExp(`^${level} .*INVALID_REQUEST`)), level).toBeGreaterThan(0);
    }
    for (const level of ['SSE', 'JSON']) {
      expect(times(new RegExp(`^${level} 200$`)), level).toBeGreaterThan(50);
      for (const code of ['MALFORMED', 'UNREACHABLE', 'ERROR']) {
        expect(times(new RegExp(`^${level} .*UPSTREAM_${code}`)), `${level} ${code}`).toBeGreaterThan(0);
      }
    }
  });
});
