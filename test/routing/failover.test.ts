import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import {
  hello,
  type MemorySettings,
  openMemoryGateway,
  outcomeOf,
  type Reply,
  type Sent,
  settled,
} from '../support/memory-gateway.ts';
import { nothingSupported } from '../support/nothing-supported.ts';

/** A table of provider replies, and the attempts that follow from them. */

const ok: Reply = {};
const down: Reply = { status: 500 };
const overloaded: Reply = { status: 529 };
const limited = (headers: Record<string, string> = {}): Reply => ({ status: 429, headers });
const refused: Reply = { status: 401 };
const forbidden: Reply = { status: 403 };
const invalid: Reply = { status: 400 };
const spent: Reply = {
  status: 429,
  body: '{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}',
};
const tooLong: Reply = { status: 400, body: '{"error":{"message":"x","code":"context_length_exceeded"}}' };

/** Replies of each target, by its model or by its key, in order; the last one repeats. */
type Script = Readonly<Record<string, Reply | readonly Reply[]>>;

function follow(script: Script): (sent: Sent) => Reply {
  const asked = new Map<string, number>();
  return ({ provider, model, key }) => {
    const place =
      [key && `${provider}/${model}:${key}`, key, `${provider}/${model}`].find((one) => one in script) ?? '';
    const nth = asked.get(place) ?? 0;
    asked.set(place, nth + 1);
    const replies = [script[place] ?? ok].flat();
    return replies[Math.min(nth, replies.length - 1)] ?? ok;
  };
}

type Case = {
  readonly title: string;
  readonly script: Script;
  readonly keys?: readonly string[];
  readonly input?: object;
  readonly settings?: MemorySettings;
  readonly attempts: readonly string[];
  readonly code?: string;
  /** Milliseconds that the call waited. */
  readonly waited?: number;
};

const fallbacks = { fallbacks: ['acme/b', 'best/c'] };

const cases: readonly Case[] = [
  { title: 'an answer needs one try', script: {}, attempts: ['acme/a OK 200'] },
  {
    title: 'a target that is down is passed at once',
    script: { 'acme/a': down },
    input: fallbacks,
    attempts: ['acme/a UPSTREAM_ERROR 500', 'acme/b OK 200'],
    waited: 0,
  },
  {
    title: 'as long as somebody else could answer, nobody waits, whatever a provider asks for',
    script: { 'acme/a': limited({ 'retry-after': '1' }), 'acme/b': { status: 503, headers: { 'retry-after': '2' } } },
    input: fallbacks,
    attempts: ['acme/a UPSTREAM_RATE_LIMITED 429', 'acme/b UPSTREAM_OVERLOADED 503', 'best/c OK 200'],
    waited: 0,
  },
  {
    title: 'when all have failed, those that may be well again are asked once more, in order',
    script: { 'acme/a': tooLong, 'acme/b': [down, ok], 'best/c': down },
    input: fallbacks,
    attempts: [
      'acme/a CONTEXT_LENGTH_EXCEEDED 400',
      'acme/b UPSTREAM_ERROR 500',
      'best/c UPSTREAM_ERROR 500',
      'acme/b OK 200',
    ],
    waited: 250,
  },
  {
    title: 'a limited key is followed by the next one at once',
    script: { k1: limited() },
    keys: ['k1', 'k2', 'k3'],
    attempts: ['acme/a#1 UPSTREAM_RATE_LIMITED 429', 'acme/a#2 OK 200'],
    waited: 0,
  },
  {
    title: 'a refused key, a forbidden one and one without money are followed by the next one at once',
    script: { k1: refused, k2: forbidden, k3: spent },
    keys: ['k1', 'k2', 'k3', 'k4'],
    attempts: [
      'acme/a#1 UPSTREAM_AUTHENTICATION 401',
      'acme/a#2 UPSTREAM_AUTHENTICATION 403',
      'acme/a#3 UPSTREAM_BILLING 429',
      'acme/a#4 OK 200',
    ],
    waited: 0,
  },
  {
    title: 'when all keys are limited, the next target is asked',
    script: { k1: limited(), k2: limited() },
    keys: ['k1', 'k2'],
    input: { fallbacks: ['best/c'] },
    attempts: ['acme/a#1 UPSTREAM_RATE_LIMITED 429', 'acme/a#2 UPSTREAM_RATE_LIMITED 429', 'best/c OK 200'],
  },
  {
    title: 'when all keys are limited and nobody else is there, the call waits for the first of them',
    script: { k1: [limited({ 'retry-after': '9' })], k2: [limited({ 'retry-after-ms': '1500' }), ok] },
    keys: ['k1', 'k2'],
    attempts: ['acme/a#1 UPSTREAM_RATE_LIMITED 429', 'acme/a#2 UPSTREAM_RATE_LIMITED 429', 'acme/a#2 OK 200'],
    waited: 1575,
  },
  {
    title: 'a key that may be well again is waited for, though another one never will',
    script: { k1: [limited({ 'retry-after': '2' }), ok], k2: refused },
    keys: ['k1', 'k2'],
    attempts: ['acme/a#1 UPSTREAM_RATE_LIMITED 429', 'acme/a#2 UPSTREAM_AUTHENTICATION 401', 'acme/a#1 OK 200'],
    waited: 2100,
  },
  {
    title: "a failure inside of a provider is not the key's fault, and the next key is not spent on it",
    script: { k1: down, k2: ok },
    keys: ['k1', 'k2'],
    input: { fallbacks: ['best/c'] },
    attempts: ['acme/a#1 UPSTREAM_ERROR 500', 'best/c OK 200'],
  },
  {
    title: 'what is wrong with the request is told at once',
    script: { 'acme/a': invalid },
    input: fallbacks,
    attempts: ['acme/a UPSTREAM_REJECTED 400'],
    code: 'UPSTREAM_REJECTED',
  },
  {
    title: 'a provider may ask for another try of what is otherwise final',
    script: { 'acme/a': [{ status: 400, headers: { 'x-should-retry': 'true' } }, ok] },
    attempts: ['acme/a UPSTREAM_REJECTED 400', 'acme/a OK 200'],
    waited: 250,
  },
  {
    title: 'a provider may ask not to be tried again',
    script: { 'acme/a': { status: 503, headers: { 'x-should-retry': 'false' } } },
    attempts: ['acme/a UPSTREAM_OVERLOADED 503'],
    code: 'UPSTREAM_OVERLOADED',
    waited: 0,
  },
  {
    title: 'after two waits it is enough',
    script: { 'acme/a': overloaded },
    attempts: ['acme/a UPSTREAM_OVERLOADED 529', 'acme/a UPSTREAM_OVERLOADED 529', 'acme/a UPSTREAM_OVERLOADED 529'],
    code: 'UPSTREAM_OVERLOADED',
    // Half of 500, then half of 1000.
    waited: 750,
  },
  {
    title: 'a date in Retry-After counts from the date of the provider',
    script: {
      'acme/a': [
        {
          status: 503,
          headers: { date: 'Tue, 24 Nov 2026 10:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 10:00:03 GMT' },
        },
        ok,
      ],
    },
    attempts: ['acme/a UPSTREAM_OVERLOADED 503', 'acme/a OK 200'],
    waited: 3150,
  },
  {
    title: 'a date in the past means now, and one that nobody can read means nothing',
    script: {
      'acme/a': [
        {
          status: 503,
          headers: { date: 'Tue, 24 Nov 2026 10:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 09:00:00 GMT' },
        },
        { status: 503, headers: { 'retry-after': 'soon' } },
        ok,
      ],
    },
    attempts: ['acme/a UPSTREAM_OVERLOADED 503', 'acme/a UPSTREAM_OVERLOADED 503', 'acme/a OK 200'],
    waited: 500,
  },
  {
    title: "a wait that is too long is the caller's",
    script: { 'acme/a': limited({ 'retry-after': '3600' }) },
    attempts: ['acme/a UPSTREAM_RATE_LIMITED 429'],
    code: 'UPSTREAM_RATE_LIMITED',
    waited: 0,
  },
  {
    title: 'a provider without a key is passed over and listed',
    script: {},
    input: { model: 'none/x', fallbacks: ['acme/a'] },
    settings: {
      parts: {
        providers: ['acme', 'none'].map((id) => ({ id, name: id, access: id === 'none' ? 'missing_key' : 'real' })),
      },
    },
    attempts: ['none/x PROVIDER_NOT_CONFIGURED', 'acme/a OK 200'],
  },
  {
    title: 'a target that cannot do what is asked is passed over and listed',
    script: {},
    input: { ...fallbacks, tools: [{ name: 'look' }] },
    settings: {
      parts: {
        models: [
          {
            id: 'acme/a',
            facts: { provider: 'acme', name: 'a', tools: false, status: 'active' },
            provider: { id: 'acme', name: 'acme', access: 'real' },
            pricing: undefined,
            supported: nothingSupported,
          },
        ],
      },
    },
    attempts: ['acme/a UNSUPPORTED_OPTION', 'acme/b OK 200'],
  },
  {
    title: 'when nobody could answer, each target is named with its last failure',
    script: { 'acme/a': tooLong, 'acme/b': refused, 'best/c': { status: 404 } },
    input: fallbacks,
    attempts: [
      'acme/a CONTEXT_LENGTH_EXCEEDED 400',
      'acme/b UPSTREAM_AUTHENTICATION 401',
      'best/c MODEL_NOT_FOUND 404',
    ],
    code: 'TARGETS_EXHAUSTED',
  },
];

async function run({ script, keys = [], input = {}, settings = {} }: Omit<Case, 'title' | 'attempts'>) {
  const memory = openMemoryGateway({ providers: { acme: keys, best: [] }, answer: follow(script), ...settings });
  const called = outcomeOf(memory.gateway, { model: 'acme/a', ...input });
  let isOver = false;
  void called.finally(() => {
    isOver = true;
  });
  let waited = 0;
  for (; !isOver && waited < 60_000; waited += 5) {
    await settled();
    await settled();
    if (!isOver) memory.clock.pass(5);
  }
  return { ...memory, outcome: await called, waited: Math.max(0, waited - 5) };
}

describe('a call', () => {
  it.each(cases)('$title', async ({ attempts, code = 'OK', waited, ...given }) => {
    const { outcome, waited: took, clock } = await run(given);
    expect(outcome).toMatchObject({ code, attempts });
    if (waited !== undefined) expect(Math.abs(took - waited)).toBeLessThanOrEqual(10);
    expect(clock.waiting).toBe(0);
  });

  it('uses what the call before it learned about the keys', async () => {
    const { gateway } = openMemoryGateway({
      providers: { acme: ['k1', 'k2'] },
      answer: follow({ k1: limited({ 'retry-after': '30' }) }),
    });
    expect((await outcomeOf(gateway, { model: 'acme/a' })).attempts).toHaveLength(2);
    for (let call = 0; call < 3; call++) {
      expect((await outcomeOf(gateway, { model: 'acme/a' })).attempts).toEqual(['acme/a#2 OK 200']);
    }
  });

  it('skips a provider whose keys all cool down, and lists it without a status', async () => {
    const { gateway, sent } = openMemoryGateway({
      providers: { acme: ['k1'], best: [] },
      answer: follow({ k1: limited({ 'retry-after': '30' }) }),
    });
    await outcomeOf(gateway, { model: 'acme/a', fallbacks: ['best/c'] });
    const { attempts } = await outcomeOf(gateway, { model: 'acme/a', fallbacks: ['best/c'] });
    expect(attempts).toEqual(['acme/a UPSTREAM_RATE_LIMITED', 'best/c OK 200']);
    expect(sent.map(({ provider }) => provider)).toEqual(['acme', 'best', 'best']);
  });

  it('skips targets with an open breaker, and reports when they are tried again', async () => {
    const { gateway, sent, clock } = openMemoryGateway({
      providers: { acme: [] },
      answer: () => down,
      parts: { retries: { max: 0, baseMs: 1, maxMs: 1, maxRetryAfterMs: 0, budget: { burst: 0, ratio: 0 } } },
    });
    for (let call = 0; call < 5; call++) await outcomeOf(gateway, { model: 'acme/a' });
    expect(await outcomeOf(gateway, { model: 'acme/a' })).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'The circuit breaker of acme is open for a after repeated failures. Retry in 11 s.',
      attempts: ['acme/a UPSTREAM_UNAVAILABLE'],
    });
    expect(sent).toHaveLength(5);
    clock.pass(10_500);
    expect((await outcomeOf(gateway, { model: 'acme/a' })).attempts).toEqual(['acme/a UPSTREAM_ERROR 500']);
  });

  it('retries at an unavailable provider within its budget, over all models', async () => {
    const { gateway, sent } = openMemoryGateway({
      providers: { acme: [] },
      answer: () => down,
      parts: {
        breaker: { failures: 1000, openMs: 1, maxOpenMs: 1 },
        retries: { max: 0, baseMs: 1, maxMs: 1, maxRetryAfterMs: 0, budget: { burst: 3, ratio: 0.1 } },
      },
    });
    for (let call = 0; call < 20; call++) {
      await outcomeOf(gateway, { model: `acme/${call}`, fallbacks: [`acme/other-${call}`] });
    }
    // 20 calls, 3 retries in the burst, 2 earned.
    expect(sent.length).toBeGreaterThanOrEqual(23);
    expect(sent.length).toBeLessThanOrEqual(25);
  });

  it('fails at once when a backoff would pass its deadline', async () => {
    const { gateway, clock } = openMemoryGateway({
      answer: () => ({ status: 503, headers: { 'retry-after': '15' } }),
      parts: { timeouts: { ...openPatience, totalMs: 14_000 } },
    });
    const { code, attempts } = await outcomeOf(gateway, { model: 'acme/a' });
    expect([code, attempts.length, clock.now()]).toEqual(['UPSTREAM_OVERLOADED', 1, 0]);
  });

  it('has one deadline for all its attempts', async () => {
    const { gateway, pass } = openMemoryGateway({
      answer: ({ model }) => (model === 'a' ? down : new Promise(() => {})),
      parts: { timeouts: { ...openPatience, responseMs: 400, totalMs: 1000 } },
    });
    const called = outcomeOf(gateway, { model: 'acme/a', fallbacks: ['acme/b', 'acme/c', 'acme/d'] });
    await pass(1000, 100);
    expect(await called).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'No complete answer within 1000 ms (timeouts.totalMs).',
      attempts: [
        'acme/a UPSTREAM_ERROR 500',
        'acme/b UPSTREAM_TIMEOUT',
        'acme/c UPSTREAM_TIMEOUT',
        'acme/d UPSTREAM_TIMEOUT',
      ],
    });
  });
});

const openPatience = {
  connectMs: 60_000,
  headersMs: 60_000,
  responseMs: 60_000,
  firstContentMs: 60_000,
  idleMs: 60_000,
  keepAliveOnlyMs: 60_000,
  totalMs: 60_000,
  for: {},
};

describe('a client that disconnects', () => {
  it('during a backoff ends the call, and nothing more is sent', async () => {
    const { gateway, sent, clock } = openMemoryGateway({
      answer: () => ({ status: 503, headers: { 'retry-after': '5' } }),
    });
    const caller = new AbortController();
    const called = outcomeOf(gateway, { model: 'acme/a' }, caller.signal);
    await settled();
    caller.abort();
    expect(await called).toMatchObject({ code: 'CANCELLED', attempts: ['acme/a UPSTREAM_OVERLOADED 503'] });
    expect([sent.length, clock.waiting]).toEqual([1, 0]);
  });

  it('does not count as a failure of a key or a breaker', async () => {
    const { gateway, log } = openMemoryGateway({
      answer: ({ model }) => (model === 'slow' ? new Promise(() => {}) : ok),
    });
    for (let call = 0; call < 20; call++) {
      const caller = new AbortController();
      const called = outcomeOf(gateway, { model: 'acme/slow', fallbacks: ['acme/a'] }, caller.signal);
      await settled();
      caller.abort();
      expect(await called).toMatchObject({ code: 'CANCELLED', attempts: ['acme/slow CANCELLED'] });
    }
    const provider = gateway.providers[0];
    expect(provider && gateway.health(provider).status).toBe('ready');
    expect(log).toEqual([]);
  });

  it('before anything was sent sends nothing to a provider', async () => {
    const { gateway, sent } = openMemoryGateway();
    expect(await outcomeOf(gateway, { model: 'acme/a' }, AbortSignal.abort())).toMatchObject({ code: 'CANCELLED' });
    expect(sent).toEqual([]);
  });
});

describe('a stream', () => {
  const options = { caller: anonymous, signal: new AbortController().signal };
  const broken = 'data: {"id":"x","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n';

  it('that breaks before its first content falls back to another target', async () => {
    const { gateway } = openMemoryGateway({ answer: ({ model }) => (model === 'a' ? { stream: [] } : ok) });
    const events = (
      await Array.fromAsync(
        toAsyncIterable(await gateway.stream({ model: 'acme/a', fallbacks: ['acme/b'], messages: hello }, options)),
      )
    ).flat();
    expect(events.at(-1)).toMatchObject({
      type: 'finished',
      attempts: [
        { model: 'a', code: 'UPSTREAM_TRUNCATED' },
        { model: 'b', code: undefined },
      ],
    });
  });

  it('that breaks after it ends there, and counts against the key', async () => {
    const { gateway, sent, log } = openMemoryGateway({ answer: () => ({ stream: [broken] }) });
    for (let call = 0; call < 5; call++) {
      const stream = await gateway.stream({ model: 'acme/a', fallbacks: ['acme/b'], messages: hello }, options);
      const events = (await Array.fromAsync(toAsyncIterable(stream))).flat();
      expect(events.at(-1)).toMatchObject({
        type: 'failed',
        error: { code: 'UPSTREAM_TRUNCATED' },
        provider: 'acme',
        model: 'a',
      });
    }
    expect(sent.map(({ model }) => model)).toEqual(['a', 'a', 'a', 'a', 'a']);
    expect(log).toEqual([
      ['circuit breaker opened', { provider: 'acme', key: undefined, model: 'a', code: 'UPSTREAM_TRUNCATED' }],
    ]);
  });

  it('that breaks has the tokens counted so far, marked as partial', async () => {
    const usage =
      'data: {"id":"x","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8}}\n\n';
    const { gateway } = openMemoryGateway({ answer: () => ({ stream: [broken, usage] }) });
    const events = (
      await Array.fromAsync(toAsyncIterable(await gateway.stream({ model: 'acme/a', messages: hello }, options)))
    ).flat();
    expect(events.at(-1)).toMatchObject({ type: 'failed', usage: { inputTokens: 7, isPartial: true } });
  });
});
