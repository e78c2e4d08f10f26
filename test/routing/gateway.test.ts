import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import type { Upstream } from '../../src/core/ports.ts';
import { createOpenAiCompatible } from '../../src/providers/openai-compatible/adapter.ts';
import { createGateway } from '../../src/routing/gateway.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { openAiAnswer, openAiStream } from '../support/provider-server.ts';

/** What a call holds while it runs, and lets go of however it ends. */

const minutes = 60_000;
const input = { model: 'acme/test', messages: [{ role: 'user', content: 'Hello' }], requestId: 'r-1' };
const options = { caller: anonymous, signal: new AbortController().signal };

/** A gateway over a provider that answers from memory, or does not. */
function open(send: (model: unknown) => void = () => {}) {
  const clock = createFakeClock();
  const upstream: Upstream = {
    send: async ({ body }) => {
      send(body['model']);
      return {
        status: 200,
        headers: {},
        text: async () => '',
        json: async () => openAiAnswer('Hi'),
        async *events() {
          for (const event of openAiStream(['Hi']).split('\n\n')) yield [{ event: undefined, data: event.slice(6) }];
        },
        discard() {},
      };
    },
    close: async () => {},
  };
  const gateway = createGateway({
    adapters: new Map([
      ['acme', createOpenAiCompatible({ id: 'acme', name: 'Acme', baseUrl: 'https://acme.example' })],
    ]),
    connections: new Map([['acme', { baseUrl: new URL('https://acme.example'), keys: [], isSandbox: false }]]),
    keyVariable: () => 'ACME_API_KEY',
    models: [],
    providers: [{ id: 'acme', name: 'Acme', status: 'ready' }],
    upstream,
    clock,
    patience: { firstContentMs: 1000, silenceMs: 1000, pingsMs: 1000, totalMs: 9 * minutes },
    newId: () => 'id',
    log: { info() {}, warn() {}, error() {} },
  });
  return { gateway, clock };
}

const ways: readonly [string, (gateway: Gateway) => Promise<unknown>][] = [
  ['a whole answer', (gateway) => gateway.chat(input, options)],
  ['a stream read to its end', async (gateway) => Array.fromAsync(await gateway.stream(input, options))],
  [
    'a stream left in the middle',
    async (gateway) => {
      for await (const _ of await gateway.stream(input, options)) break;
    },
  ],
];

describe.each(ways)('after %s', (_what, ask) => {
  it('no clock runs, and the request id is free again in 5 minutes', async () => {
    const { gateway, clock } = open();
    await ask(gateway);
    expect(clock.waiting).toBe(0);
    await expect(ask(gateway)).rejects.toMatchObject({ failure: { error: { code: 'DUPLICATE_REQUEST' } } });
    clock.pass(5 * minutes);
    await ask(gateway);
    expect(clock.waiting).toBe(0);
  });
});

describe.each(ways)('after %s that failed', (_what, ask) => {
  it('no clock runs, and the request id is free again in 5 minutes', async () => {
    const { gateway, clock } = open(() => {
      throw new Error('A defect');
    });
    const internal = { failure: { error: { code: 'INTERNAL' } } };
    await expect(ask(gateway)).rejects.toMatchObject(internal);
    expect(clock.waiting).toBe(0);
    clock.pass(5 * minutes);
    await expect(ask(gateway)).rejects.toMatchObject(internal);
  });
});
