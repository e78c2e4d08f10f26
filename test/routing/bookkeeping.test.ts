import { describe, expect, it } from 'vitest';
import type { ProviderAdapter } from '../../src/core/adapter.ts';
import { anonymous, type Caller } from '../../src/core/caller.ts';
import type { Cost } from '../../src/core/completion.ts';
import { CallFailure } from '../../src/core/gateway.ts';
import type { Model } from '../../src/core/model.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { createOpenAiCompatible } from '../../src/providers/openai-compatible/adapter.ts';
import { createBulkhead } from '../../src/routing/concurrency.ts';
import { createRetryBudget } from '../../src/routing/retry-budget.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import {
  hello,
  type MemorySettings,
  openMemoryGateway,
  outcomeOf,
  policy,
  type Reply,
} from '../support/memory-gateway.ts';
import { nothingSupported } from '../support/nothing-supported.ts';
import { openAiStream } from '../support/provider-server.ts';

/** What a session holds and counts: each test fails when one line of that bookkeeping is left out or turned around. */

const signal = new AbortController().signal;
const noRetries = { retries: { ...policy.retries, max: 0 } };

describe('a key that a provider echoes', () => {
  const key = 'opaque-0a9f8e7d6c5b4a39281706f5e4d3c2b1';
  const echo = (message: string): MemorySettings => ({
    providers: { acme: [key] },
    answer: () => ({ status: 400, body: JSON.stringify({ error: { message } }) }),
    parts: noRetries,
  });

  it.each([
    ['whole', `Key ${key} may not do that`],
    ['twice', `${key}, yes, ${key}`],
    ['cut off by the limit of the message', `${'Too long. '.repeat(28)}${key}`],
  ])('is not in the failure: %s', async (_what, message) => {
    const { gateway } = openMemoryGateway(echo(message));
    const { code, message: seen } = await outcomeOf(gateway, { model: 'acme/a' });
    expect(code).toBe('UPSTREAM_REJECTED');
    expect(seen).not.toContain(key.slice(0, 8));
  });

  it('is removed from the failure of a stream that breaks', async () => {
    const [begin = ''] = openAiStream(['Hi']).split(/(?<="Hi"}.*\n\n)/);
    const error = `data: ${JSON.stringify({ error: { message: `No credit for ${key}`, code: 500 } })}\n\n`;
    const { gateway } = openMemoryGateway({ providers: { acme: [key] }, answer: () => ({ stream: [begin, error] }) });
    const stream = await gateway.stream({ model: 'acme/a', messages: hello }, { caller: anonymous, signal });
    const events = (await Array.fromAsync(toAsyncIterable(stream))).flat();
    expect(events.at(-1)?.type).toBe('failed');
    expect(JSON.stringify(events)).not.toContain(key);
  });
});

it('a requestId is free again when a limit refuses its request', async () => {
  const { gateway, clock } = openMemoryGateway();
  const caller: Caller = { ...anonymous, limits: { requestsPerMinute: 1 } };
  const ask = (requestId: string) =>
    gateway.chat({ model: 'acme/a', messages: hello, requestId }, { caller, signal }).then(
      () => 'OK',
      (thrown: unknown) => (thrown instanceof CallFailure ? thrown.failure.error.code : 'defect'),
    );
  expect(await ask('first')).toBe('OK');
  expect(await ask('second')).toBe('RATE_LIMITED');
  expect(await ask('second')).toBe('RATE_LIMITED');
  clock.pass(60_000);
});

it('an unused reservation is not refunded to a later minute', () => {
  const clock = createFakeClock();
  const ledger = createMemoryLedger(clock, { leaseMs: 600_000, minuteMs: 60_000 });
  const limits = { tokensPerMinute: 100, concurrentStreams: undefined, nanoUsdPerDay: undefined };
  const reservation = { id: 'r', caller: 'web', isStream: false, tokens: 80, nanoUsd: 0 };
  ledger.reserve(reservation, limits);
  clock.pass(60_000);
  ledger.reserve({ ...reservation, id: 's', tokens: 50 }, limits);
  ledger.settle(reservation, { tokens: 10, nanoUsd: 0 });
  // 50 of this minute; the unused 70 of the first one belonged to the minute before.
  expect(ledger.balance('web')).toMatchObject({ tokens: 50 });
});

it('of two keys the retryable failure is reported, whichever came first', async () => {
  const replies: Record<string, Reply> = {
    k1: { status: 401, body: '{"error":{"message":"no"}}' },
    k2: { status: 429, headers: { 'retry-after': '40' }, body: '{"error":{"message":"slow down"}}' },
  };
  const { gateway } = openMemoryGateway({
    providers: { acme: ['k1', 'k2'] },
    answer: ({ key }) => replies[key] ?? {},
    parts: noRetries,
  });
  const { code, attempts } = await outcomeOf(gateway, { model: 'acme/a' });
  expect(attempts).toEqual(['acme/a#1 UPSTREAM_AUTHENTICATION 401', 'acme/a#2 UPSTREAM_RATE_LIMITED 429']);
  expect(code).toBe('UPSTREAM_RATE_LIMITED');
});

describe('a permit', () => {
  const limits = { max: 2, maxPerProvider: 2 };

  it('of a provider is released once, however often release is called', () => {
    const bulkhead = createBulkhead();
    const [first] = [bulkhead.acquireProvider('acme', limits), bulkhead.acquireProvider('acme', limits)];
    first.release();
    first.release();
    bulkhead.acquireProvider('acme', limits);
    expect(() => bulkhead.acquireProvider('acme', limits)).toThrow(/Too many concurrent requests to acme/);
  });

  it('of the gateway is released once, however often release is called', () => {
    const bulkhead = createBulkhead();
    const [first] = [bulkhead.acquire(limits), bulkhead.acquire(limits)];
    first.release();
    first.release();
    bulkhead.acquire(limits);
    expect(bulkhead.admissionError(limits)?.code).toBe('OVERLOADED');
  });
});

describe('money', () => {
  const pricing = { input: 1_000_000, output: 1_000_000, source: 'test', asOf: '2026-01-01' };
  const models: readonly Model[] = [
    {
      id: 'acme/a',
      facts: { provider: 'acme', name: 'a', status: 'active', pricing },
      pricing,
      supported: nothingSupported,
      provider: { id: 'acme', name: 'acme', access: 'real' },
    },
  ];

  it("of an answer is the provider's reported cost, where there is one", async () => {
    const reportedCost: Cost = {
      total: 40,
      input: 0,
      output: 0,
      currency: 'USD',
      priceSource: 'acme',
      pricedAt: 'now',
    };
    const plain = createOpenAiCompatible({ id: 'acme', name: 'acme', baseUrl: 'https://acme.example' });
    const charging: ProviderAdapter = {
      ...plain,
      codecFor(target) {
        const codec = plain.codecFor(target);
        return { ...codec, decode: (body) => ({ ...codec.decode(body), reportedCost }) };
      },
    };
    const { gateway } = openMemoryGateway({ parts: { models, adapters: new Map([['acme', charging]]) } });
    const caller: Caller = { ...anonymous, limits: { budgetPerDayUsd: 45 } };
    const ask = () => gateway.chat({ model: 'acme/a', messages: hello, maxTokens: 1 }, { caller, signal });
    // By the price list it is 7: two such answers would leave room for many more.
    expect((await ask()).cost).toEqual(reportedCost);
    expect((await ask()).cost).toEqual(reportedCost);
    await expect(ask()).rejects.toMatchObject({ failure: { error: { code: 'BUDGET_EXCEEDED' } } });
  });

  it('of a stream that breaks is that of the usage up to then', async () => {
    const usage = { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 };
    const chunk = (fields: object) => `data: ${JSON.stringify({ id: 'c', model: 'a', ...fields })}\n\n`;
    const pieces = [
      chunk({ choices: [{ index: 0, delta: { content: 'Hi' } }], usage }),
      chunk({ error: { message: 'broken', code: 500 } }),
    ];
    const { gateway } = openMemoryGateway({ answer: () => ({ stream: pieces }), parts: { models } });
    const caller: Caller = { ...anonymous, limits: { budgetPerDayUsd: 60 } };
    const stream = await gateway.stream({ model: 'acme/a', messages: hello, maxTokens: 1 }, { caller, signal });
    const events = (await Array.fromAsync(toAsyncIterable(stream))).flat();
    const last = events.at(-1);
    expect(last).toMatchObject({ type: 'failed', usage: { outputTokens: 20, isPartial: true }, cost: { total: 50 } });
    // 50 of 60 are spent: another request may begin, and a third may not.
    const again = () => outcomeOfCaller(gateway, caller);
    expect(await again()).toBe('OK');
    expect(await again()).toBe('BUDGET_EXCEEDED');
  });
});

it('a retry budget is earned by requests, not by their attempts', async () => {
  const clock = createFakeClock();
  const budget = createRetryBudget({ burst: 10, ratio: 0.5 }, clock);
  for (let spent = 0; spent < 10; spent++) budget.spend();
  expect(budget.allows()).toBe(false);
  budget.earn();
  expect(budget.allows()).toBe(false);
  budget.earn();
  expect(budget.allows()).toBe(true);

  // One request that tries a provider for three models earns once: with a burst of 0, no retry is left.
  const { gateway, sent } = openMemoryGateway({
    answer: () => ({ status: 500 }),
    parts: { retries: { ...policy.retries, max: 5, budget: { burst: 1, ratio: 0 } } },
  });
  await outcomeOf(gateway, { model: 'acme/a', fallbacks: ['acme/b', 'acme/c'] });
  // The first attempt is free; each further one at an unavailable provider spends one, which is all there is.
  expect(sent).toHaveLength(2);
});

async function outcomeOfCaller(
  gateway: ReturnType<typeof openMemoryGateway>['gateway'],
  caller: Caller,
): Promise<string> {
  try {
    const stream = await gateway.stream({ model: 'acme/a', messages: hello, maxTokens: 1 }, { caller, signal });
    for await (const _batch of toAsyncIterable(stream));
    return 'OK';
  } catch (thrown) {
    return thrown instanceof CallFailure ? thrown.failure.error.code : 'defect';
  }
}

describe('what each attempt at a provider earns', () => {
  /** Retries cost one, and calls earn a fraction: the initial burst is used up. */
  const earning = (ratio: number): MemorySettings => {
    let calls = 0;
    return {
      answer: () => (calls++ % 2 === 0 ? { status: 500 } : {}),
      parts: { retries: { ...policy.retries, max: 1, budget: { burst: 1, ratio } } },
    };
  };

  it.each([
    [1, 'OK'],
    [0, 'UPSTREAM_ERROR'],
  ])('is the ratio of the retry budget: %d', async (ratio, code) => {
    const { gateway, pass } = openMemoryGateway(earning(ratio));
    // The first call uses up the burst.
    for (const expected of ['OK', code]) {
      const outcome = outcomeOf(gateway, { model: 'acme/a' });
      await pass(1000);
      expect((await outcome).code).toBe(expected);
    }
  });
});

describe('before anything is sent', () => {
  const ask = async (settings: MemorySettings, caller: Caller, input: object = {}) => {
    const { gateway, sent } = openMemoryGateway(settings);
    const answer = gateway.chat({ model: 'acme/a', messages: hello, ...input }, { caller, signal });
    const code = await answer.then(
      () => 'OK',
      (thrown: unknown) => (thrown instanceof CallFailure ? thrown.failure.error.code : 'unknown'),
    );
    return [code, sent.length];
  };

  it('a caller is restricted to its models', async () => {
    const models = ['zeta/*'];
    expect(await ask({}, { ...anonymous, models })).toEqual(['MODEL_NOT_ALLOWED', 0]);
    expect(await ask({}, { ...anonymous, models: ['acme/*'] })).toEqual(['OK', 1]);
  });

  it('an image of a private address is refused', async () => {
    const image = { image: { url: 'https://10.0.0.1/a.png' } };
    const input = { messages: [{ role: 'user', parts: [image] }] };
    expect(await ask({ parts: { isPublicUrl: () => false } }, anonymous, input)).toEqual(['INVALID_REQUEST', 0]);
    expect(await ask({}, anonymous, input)).toEqual(['OK', 1]);
  });
});

it('a success resets the failure count of a breaker', async () => {
  let isDown = true;
  const { gateway, sent } = openMemoryGateway({ answer: () => (isDown ? { status: 500 } : {}), parts: noRetries });
  const failures = policy.breaker.failures - 1;
  for (let index = 0; index < failures; index++) await outcomeOf(gateway, { model: 'acme/a' });
  isDown = false;
  await outcomeOf(gateway, { model: 'acme/a' });
  isDown = true;
  for (let index = 0; index < failures; index++) await outcomeOf(gateway, { model: 'acme/a' });
  expect((await outcomeOf(gateway, { model: 'acme/a' })).code).toBe('UPSTREAM_ERROR');
  expect(sent).toHaveLength(2 * failures + 2);
});
