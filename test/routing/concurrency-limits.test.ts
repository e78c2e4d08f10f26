import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import {
  hello,
  type MemorySettings,
  openMemoryGateway,
  outcomeOf,
  policy,
  settled,
} from '../support/memory-gateway.ts';

/** Limits of concurrent calls, in total and per provider. */

const input = { model: 'acme/test', messages: hello };
const signal = new AbortController().signal;
const overloaded = { code: 'OVERLOADED', retryable: true, retryAfterMs: 1_000 };

function open(concurrency: { max?: number; maxPerProvider?: number }, settings: MemorySettings = {}) {
  return openMemoryGateway({
    ...settings,
    parts: { concurrency: { max: 100, maxPerProvider: 100, ...concurrency }, ...settings.parts },
  });
}

/** Every way in which a call may end. */
const endings: Readonly<Record<string, { settings?: MemorySettings; ask: (gateway: Gateway) => Promise<unknown> }>> = {
  'was answered whole': { ask: (gateway) => gateway.chat(input, { caller: anonymous, signal }) },
  'was streamed to its end': {
    ask: async (gateway) =>
      Array.fromAsync(toAsyncIterable(await gateway.stream(input, { caller: anonymous, signal }))),
  },
  'was left in the middle': {
    ask: async (gateway) => {
      for await (const _ of toAsyncIterable(await gateway.stream(input, { caller: anonymous, signal }))) break;
    },
  },
  'was left before it was read': {
    ask: async (gateway) => {
      const leaving = new AbortController();
      await gateway.stream(input, { caller: anonymous, signal: leaving.signal });
      leaving.abort();
    },
  },
  'was cancelled while it waited': {
    settings: { answer: () => new Promise(() => {}) },
    ask: async (gateway) => {
      const leaving = new AbortController();
      const outcome = outcomeOf(gateway, input, leaving.signal);
      await settled();
      leaving.abort();
      return outcome;
    },
  },
  failed: {
    settings: { answer: () => ({ status: 400 }) },
    ask: (gateway) => outcomeOf(gateway, input),
  },
  'broke off': {
    settings: { answer: () => ({ stream: ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n'] }) },
    ask: async (gateway) =>
      Array.fromAsync(toAsyncIterable(await gateway.stream(input, { caller: anonymous, signal }))),
  },
  'was refused': { ask: (gateway) => outcomeOf(gateway, { ...input, messages: [] }) },
  'failed with all its keys and targets, again and again': {
    settings: {
      providers: { acme: ['k1', 'k2'], other: [] },
      answer: () => ({ status: 503 }),
      parts: { breaker: { ...policy.breaker, failures: 1_000 } },
    },
    ask: (gateway) => outcomeOf(gateway, { ...input, fallbacks: ['other/x'] }),
  },
  'was answered by another target, when its first had limited all its keys': {
    settings: {
      providers: { acme: ['k1', 'k2'], other: [] },
      answer: ({ model }) => (model === 'test' ? { status: 429 } : {}),
    },
    ask: (gateway) => outcomeOf(gateway, { ...input, fallbacks: ['other/x'] }),
  },
};

describe.each(Object.entries(endings))('a call that %s', (_how, { settings, ask }) => {
  it('releases its permit', async () => {
    const { gateway, pass, sent } = open({ max: 1, maxPerProvider: 1 }, settings);
    for (let times = 0; times < 3; times++) {
      const asking = ask(gateway).catch(() => {});
      await pass(20_000, 500);
      await asking;
    }
    const before = sent.length;
    const outcome = outcomeOf(gateway, { model: 'acme/next', messages: hello });
    await settled();
    expect(sent.slice(before)).toMatchObject([{ model: 'next' }]);
    void outcome;
  });
});

/** A provider that never answers. */
const hang = { answer: () => new Promise<never>(() => {}) };

describe('a gateway at its concurrency limit', () => {
  it('refuses at once and sends nothing', async () => {
    const { gateway, sent, clock } = open({ max: 2 }, hang);
    for (const _ of [1, 2]) void outcomeOf(gateway, input);
    await settled();
    await expect(gateway.chat(input, { caller: anonymous, signal })).rejects.toMatchObject({
      failure: { error: overloaded, attempts: [] },
    });
    expect(sent).toHaveLength(2);
    expect(clock.now()).toBe(0);
  });

  it('of one provider alone tries the next target', async () => {
    const providers = { acme: [], other: [] };
    const answer: MemorySettings['answer'] = ({ provider }) => (provider === 'acme' ? hang.answer() : {});
    const { gateway, sent } = open({ maxPerProvider: 1 }, { providers, answer });
    void outcomeOf(gateway, input);
    await settled();
    expect(await outcomeOf(gateway, { ...input, fallbacks: ['other/x'] })).toMatchObject({
      code: 'OK',
      attempts: ['acme/test OVERLOADED', 'other/x OK 200'],
    });
    expect(sent.map(({ provider }) => provider)).toEqual(['acme', 'other']);
  });

  it("of all targets refuses at once too, and names the provider's limit", async () => {
    const { gateway, clock } = open({ maxPerProvider: 1 }, { ...hang, providers: { acme: [], other: [] } });
    for (const model of ['acme/test', 'other/x']) void outcomeOf(gateway, { ...input, model });
    await settled();
    await expect(
      gateway.chat({ ...input, fallbacks: ['other/x'] }, { caller: anonymous, signal }),
    ).rejects.toMatchObject({ failure: { error: overloaded } });
    expect(clock.now()).toBe(0);
  });
});
