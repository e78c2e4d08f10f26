import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { type FailureCode, GatewayError } from '../../src/core/errors.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { hello, openMemoryGateway } from '../support/memory-gateway.ts';

/** What a call holds while it runs is released however it ends. */

const minutes = 60_000;
const input = { model: 'acme/test', messages: hello, requestId: 'r-1' };
const options = { caller: anonymous, signal: new AbortController().signal };

const ways: readonly [string, (gateway: Gateway) => Promise<unknown>][] = [
  ['a whole answer', (gateway) => gateway.chat(input, options)],
  [
    'a stream read to its end',
    async (gateway) => Array.fromAsync(toAsyncIterable(await gateway.stream(input, options))),
  ],
  [
    'a stream left in the middle',
    async (gateway) => {
      for await (const _ of toAsyncIterable(await gateway.stream(input, options))) break;
    },
  ],
];

describe.each(ways)('after %s', (_what, ask) => {
  it('no timer runs, and the request id is free again in 5 minutes', async () => {
    const { gateway, clock } = openMemoryGateway();
    await ask(gateway);
    expect(clock.waiting).toBe(0);
    await expect(ask(gateway)).rejects.toMatchObject({ failure: { error: { code: 'DUPLICATE_REQUEST' } } });
    clock.pass(5 * minutes);
    await ask(gateway);
    expect(clock.waiting).toBe(0);
  });
});

describe.each(ways)('after %s that failed', (_what, ask) => {
  const failing = (error: GatewayError) =>
    openMemoryGateway({
      answer: () => {
        throw error;
      },
    });
  const failed = (code: FailureCode) => ({ failure: { error: { code } } });

  it('no timer runs, and the request id is free at once where no provider worked for it', async () => {
    const { gateway, clock } = failing(new GatewayError('UPSTREAM_REJECTED', 'The provider wants no such thing'));
    await expect(ask(gateway)).rejects.toMatchObject(failed('UPSTREAM_REJECTED'));
    expect(clock.waiting).toBe(0);
    await expect(ask(gateway)).rejects.toMatchObject(failed('UPSTREAM_REJECTED'));
  });

  it('no timer runs, and the request id is free again in 5 minutes where one may charge for it', async () => {
    const { gateway, clock } = failing(new GatewayError('UPSTREAM_TIMEOUT', 'Too late', { retryable: false }));
    await expect(ask(gateway)).rejects.toMatchObject(failed('UPSTREAM_TIMEOUT'));
    expect(clock.waiting).toBe(0);
    await expect(ask(gateway)).rejects.toMatchObject(failed('DUPLICATE_REQUEST'));
    clock.pass(5 * minutes);
    await expect(ask(gateway)).rejects.toMatchObject(failed('UPSTREAM_TIMEOUT'));
  });
});
