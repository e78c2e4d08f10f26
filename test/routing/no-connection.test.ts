import { expect, it } from 'vitest';
import type { Upstream } from '../../src/core/ports.ts';
import { openMemoryGateway, outcomeOf, policy } from '../support/memory-gateway.ts';

it('the connect timeout is much shorter than that for an answer', async () => {
  const upstream: Upstream = {
    close: async () => {},
    send: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  const { gateway, clock, pass } = openMemoryGateway({ parts: { upstream } });
  const { connectMs, responseMs } = policy.timeouts;
  expect(4 * connectMs).toBeLessThan(responseMs);
  const outcome = outcomeOf(gateway, { model: 'acme/a' });
  // All attempts together.
  await pass(4 * connectMs);
  expect(clock.waiting).toBe(0);
  expect(await outcome).toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: `acme gave no connection within ${connectMs} ms.`,
  });
});
