import { describe, expect, it } from 'vitest';
import type { CallerLimits } from '../../src/core/caller.ts';
import { anonymous, type Caller } from '../../src/core/caller.ts';
import { CallFailure } from '../../src/core/gateway.ts';
import type { RateLimitStatus } from '../../src/core/limits.ts';
import type { Model, ModelFacts } from '../../src/core/model.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { hello, type MemorySettings, openMemoryGateway, type Reply, settled } from '../support/memory-gateway.ts';
import { nothingSupported } from '../support/nothing-supported.ts';
import { openAiAnswer, openAiStream } from '../support/provider-server.ts';

const million = 1_000_000;
const signal = new AbortController().signal;

/** One dollar per output token, and nothing for input: simple costs. */
const dollarPerToken = { input: 0, output: million, source: 'test', asOf: '2026-01-01' };

function modelOf(name: string, facts: Partial<ModelFacts> = {}, provider = 'acme'): Model {
  const all: ModelFacts = { provider, name, status: 'active', pricing: dollarPerToken, ...facts };
  const { pricing } = all;
  return {
    id: `${provider}/${name}`,
    facts: all,
    pricing,
    supported: nothingSupported,
    provider: { id: provider, name: provider, access: 'real' },
  };
}

const models = [modelOf('test'), modelOf('small', { maxOutputTokens: 10 }), modelOf('other', {}, 'zeta')];

function open(limits: CallerLimits, settings: MemorySettings = {}) {
  const memory = openMemoryGateway({ ...settings, parts: { models, ...settings.parts } });
  const caller: Caller = { ...anonymous, id: 'web', limits };
  const standings: RateLimitStatus[] = [];
  const onRateLimitStatus = (standing: RateLimitStatus) => void standings.push(standing);
  const input = (more: object = {}) => ({ model: 'acme/test', messages: hello, ...more });
  const outcome = (answer: Promise<unknown>) =>
    answer.then(
      () => 'OK',
      (thrown: unknown) => {
        if (thrown instanceof CallFailure) return thrown.failure.error.code;
        throw thrown;
      },
    );
  return {
    ...memory,
    standings,
    chat: (more?: object, leaving = signal) =>
      memory.gateway.chat(input(more), { caller, signal: leaving, onRateLimitStatus }),
    stream: (more?: object, leaving = signal) => memory.gateway.stream(input(more), { caller, signal: leaving }),
    ask: (more?: object, as: Partial<Caller> = {}) =>
      outcome(memory.gateway.chat(input(more), { caller: { ...caller, ...as }, signal })),
  };
}

/** An answer with the given output tokens, and input tokens if given. */
function answerOf(output: number, input = 0): Reply {
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  return { body: JSON.stringify({ ...openAiAnswer('Hi'), usage }) };
}

async function failureOf(answer: Promise<unknown>): Promise<CallFailure['failure']> {
  const thrown: unknown = await answer.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (thrown instanceof CallFailure) return thrown.failure;
  throw thrown ?? new Error('It was answered');
}

describe('requests a minute', () => {
  it('are refused beyond the limit, with the time to wait and nothing sent', async () => {
    const { ask, chat, sent } = open({ requestsPerMinute: 2 });
    expect([await ask(), await ask()]).toEqual(['OK', 'OK']);
    const { error } = await failureOf(chat());
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(sent).toHaveLength(2);
  });

  it('are counted per caller', async () => {
    const { ask } = open({ requestsPerMinute: 1 });
    expect([await ask(), await ask()]).toEqual(['OK', 'RATE_LIMITED']);
    expect(await ask({}, { id: 'somebody else' })).toBe('OK');
  });

  it('exclude invalid requests, and those with a running requestId', async () => {
    const { ask } = open({ requestsPerMinute: 2 });
    expect(await ask({ temperature: 9 })).toBe('INVALID_REQUEST');
    expect([await ask({ requestId: 'r' }), await ask({ requestId: 'r' })]).toEqual(['OK', 'DUPLICATE_REQUEST']);
    expect([await ask(), await ask()]).toEqual(['OK', 'RATE_LIMITED']);
  });
});

describe('tokens a minute', () => {
  it('count what answers used, and reset each minute', async () => {
    const { ask, clock } = open({ tokensPerMinute: 100 }, { answer: () => answerOf(60, 20) });
    expect([await ask(), await ask(), await ask()]).toEqual(['OK', 'OK', 'RATE_LIMITED']);
    clock.pass(60_000);
    expect(await ask()).toBe('OK');
  });

  it('are reserved for running calls', async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const { ask } = open({ tokensPerMinute: 1_000 }, { answer: () => promise });
    const first = ask({ maxTokens: 2_000 });
    await settled();
    expect(await ask()).toBe('RATE_LIMITED');
    resolve(answerOf(1));
    expect(await first).toBe('OK');
    expect(await ask()).toBe('OK');
  });
});

describe('streams at a time', () => {
  it('are counted until they end, and whole answers are not', async () => {
    const { stream, ask } = open({ concurrentStreams: 1 });
    const first = await stream();
    expect((await failureOf(stream())).error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000 });
    expect(await ask()).toBe('OK');
    await Array.fromAsync(toAsyncIterable(first));
    await Array.fromAsync(toAsyncIterable(await stream()));
  });

  it('are counted however long they take', async () => {
    const { stream, pass } = open({ concurrentStreams: 1 });
    const first = await stream();
    await pass(5 * 60_000, 5_000);
    expect((await failureOf(stream())).error.code).toBe('RATE_LIMITED');
    await Array.fromAsync(toAsyncIterable(first));
    await Array.fromAsync(toAsyncIterable(await stream()));
  });

  it('end when their client disconnects in the middle', async () => {
    const { stream } = open({ concurrentStreams: 1 });
    for await (const _ of toAsyncIterable(await stream())) break;
    await Array.fromAsync(toAsyncIterable(await stream()));
  });

  it('end with the client when the stream is never read', async () => {
    const { stream, clock } = open({ concurrentStreams: 1 });
    const leaving = new AbortController();
    await stream({}, leaving.signal);
    leaving.abort();
    await Array.fromAsync(toAsyncIterable(await stream()));
    expect(clock.waiting).toBe(0);
  });

  it('end when their call fails before it begins', async () => {
    const { stream, ask } = open({ concurrentStreams: 1 }, { answer: () => ({ status: 400 }) });
    await failureOf(stream());
    expect((await failureOf(stream())).error.code).toBe('UPSTREAM_REJECTED');
    expect(await ask()).toBe('UPSTREAM_REJECTED');
  });
});

describe('money of a day', () => {
  it('is spent by the cost of answers, and resets at midnight', async () => {
    const { ask, chat, clock } = open({ budgetPerDayUsd: 10 }, { answer: () => answerOf(6) });
    expect([await ask({ maxTokens: 6 }), await ask({ maxTokens: 6 })]).toEqual(['OK', 'OK']);
    clock.pass(60_000);
    const { error } = await failureOf(chat());
    expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED', retryable: false, retryAfterMs: 24 * 60 * 60_000 - 60_000 });
    clock.pass(error.retryAfterMs ?? 0);
    expect(await ask()).toBe('OK');
  });

  it('is reserved for the worst case of running calls, which is retryable', async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const { ask, chat } = open({ budgetPerDayUsd: 10 }, { answer: () => promise });
    const first = ask({ model: 'acme/small' });
    await settled();
    const { error } = await failureOf(chat());
    expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED', retryable: true, retryAfterMs: 1_000 });
    resolve(answerOf(1));
    expect(await first).toBe('OK');
    expect(await ask()).toBe('OK');
  });

  it('is not spent on models without a known price', async () => {
    const { chat, ask, sent } = open({ budgetPerDayUsd: 10 });
    const { error } = await failureOf(chat({ model: 'acme/unheard-of' }));
    expect(error.code).toBe('MODEL_NOT_ALLOWED');
    expect(error.message).toContain('acme/unheard-of');
    expect(await ask({ fallbacks: ['acme/unheard-of'] })).toBe('MODEL_NOT_ALLOWED');
    expect(sent).toEqual([]);
  });
});

/** A caller with a thousand dollars, and what is left of them after its calls. */
function openPurse(settings: MemorySettings = {}) {
  let isCounting = false;
  const answer: MemorySettings['answer'] = (sent) => (isCounting ? answerOf(1) : (settings.answer?.(sent) ?? {}));
  const opened = open({ budgetPerDayUsd: 1_000 }, { ...settings, answer });
  return {
    ...opened,
    /** Determined by spending dollar after dollar. */
    async left() {
      await settled();
      isCounting = true;
      let dollars = 0;
      while ((await opened.ask({ maxTokens: 1 })) === 'OK') dollars += 1;
      return dollars;
    },
  };
}

describe('a call settles', () => {
  it('by what the provider counted', async () => {
    const { ask, left } = openPurse({ answer: () => answerOf(7) });
    await ask();
    expect(await left()).toBe(993);
  });

  it('by the usage of a stream', async () => {
    const { stream, left } = openPurse();
    await Array.fromAsync(toAsyncIterable(await stream()));
    expect(await left()).toBe(998);
  });

  it('by all its attempts, whichever target answered', async () => {
    const { ask, left } = openPurse({
      providers: { acme: [], zeta: [] },
      answer: ({ provider }) => (provider === 'acme' ? { status: 500 } : answerOf(7)),
    });
    expect(await ask({ fallbacks: ['zeta/other'] })).toBe('OK');
    expect(await left()).toBe(993);
  });

  it('with nothing where the provider refused', async () => {
    const { ask, left } = openPurse({ answer: () => ({ status: 400 }) });
    expect(await ask()).toBe('UPSTREAM_REJECTED');
    expect(await left()).toBe(1_000);
  });

  it('by the content of a cancelled stream, estimated from its bytes where no usage was reported', async () => {
    const { stream, left } = openPurse({ answer: () => ({ stream: [begun, rest] }) });
    for await (const _ of toAsyncIterable(await stream())) break;
    expect(await left()).toBe(997);
  });

  it('by the content of a stream that broke off', async () => {
    const { stream, left } = openPurse({ answer: () => ({ stream: [begun] }) });
    const events = (await Array.fromAsync(toAsyncIterable(await stream()))).flat();
    expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'UPSTREAM_TRUNCATED' } });
    expect(await left()).toBe(997);
  });

  it('by its worst case when its client leaves a whole answer: the provider may complete it', async () => {
    const { promise } = Promise.withResolvers<Reply>();
    const { chat, sent, left } = openPurse({ answer: () => promise });
    const leaving = new AbortController();
    const answer = failureOf(chat({ maxTokens: 400 }, leaving.signal));
    await settled();
    expect(sent).toHaveLength(1);
    leaving.abort();
    expect((await answer).error.code).toBe('CANCELLED');
    expect(await left()).toBe(600);
  });
});

/** A stream of up to nine bytes of content, and what is left of it. */
const whole = openAiStream(['123456789', 'abc']);
const cut = whole.indexOf('data: ', whole.indexOf('123456789'));
const [begun, rest] = [whole.slice(0, cut), whole.slice(cut)];

describe('the longest answer', () => {
  it('is the limit of the caller by default, and the answer says so', async () => {
    const { chat, sent } = open({ maxOutputTokens: 50 });
    const { warnings } = await chat();
    expect(sent[0]?.body['max_tokens']).toBe(50);
    expect(warnings).toMatchObject([{ option: 'maxTokens', message: expect.stringContaining('50') }]);
  });

  it('may be requested up to the limit', async () => {
    const { chat, sent } = open({ maxOutputTokens: 50 });
    expect((await chat({ maxTokens: 50 })).warnings).toEqual([]);
    const { error } = await failureOf(chat({ maxTokens: 51 }));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'maxTokens' }] });
    expect(sent).toHaveLength(1);
  });

  it('is at most what the model or its route allows', async () => {
    const parameters = (maxTokens: number) => ({ ...noParameters, maxTokens });
    const route = (name: string, maxTokens: number) => ({
      name,
      targets: [{ model: 'acme/test', weight: undefined, parameters: parameters(maxTokens) }],
    });
    const routes = [route('short', 20), route('long', 90)];
    const { chat, sent } = open({ maxOutputTokens: 50 }, { routes });
    await chat({ model: 'acme/small' });
    expect((await chat({ model: 'route/short' })).warnings).toEqual([]);
    expect((await chat({ model: 'route/long' })).warnings).toHaveLength(1);
    expect(sent.map(({ body }) => body['max_tokens'])).toEqual([10, 20, 50]);
  });
});

const noParameters = {
  temperature: undefined,
  topP: undefined,
  stop: undefined,
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  seed: undefined,
  reasoningEffort: undefined,
};

describe('the size of a request', () => {
  it('is counted in bytes, over all input', async () => {
    const { chat, ask } = open({ maxInputBytes: 20 });
    expect(await ask({ messages: [{ role: 'user', content: 'ü'.repeat(10) }] })).toBe('OK');
    const { error } = await failureOf(chat({ messages: [{ role: 'user', content: 'ü'.repeat(11) }] }));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'messages' }] });
    expect(await ask({ tools: [{ name: 'weather', parameters: { type: 'object' } }] })).toBe('INVALID_REQUEST');
  });
});

describe('the rate limit status', () => {
  it('is reported before anything is sent, also when the call is refused', async () => {
    const { ask, chat, standings } = open(
      { requestsPerMinute: 2, tokensPerMinute: 5_000 },
      { answer: () => answerOf(1) },
    );
    await chat({ maxTokens: 100 });
    await ask();
    await failureOf(chat());
    expect(standings[0]).toMatchObject({ requests: { limit: 2, remaining: 1 }, tokens: { limit: 5_000 } });
    expect(standings[0]?.tokens?.remaining).toBeGreaterThan(4_800);
    expect(standings[1]).toMatchObject({ requests: { limit: 2, remaining: 0 } });
  });
});
