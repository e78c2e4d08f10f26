import { expect, it } from 'vitest';
import { statusAmong } from '../../src/providers/read-json.ts';

it('a status is read from a number or a text, and anything else is ignored', () => {
  expect(statusAmong([undefined, null, '429', 500])).toBe(429);
  expect(statusAmong([200, 'rate_limited', 503])).toBe(503);
  expect(statusAmong([{ toString: 1, valueOf: 1 }, [400], true, 600])).toBeUndefined();
});
