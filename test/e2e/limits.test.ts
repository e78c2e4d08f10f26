import { SignJWT } from 'jose';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, sseClient, wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** Limits as callers see them, on both faces. */

const four = callerKey('four', 'limits: { requestsPerMinute: 4 }');
const three = callerKey('three', 'limits: { requestsPerMinute: 3, tokensPerMinute: 100000 }');
const two = callerKey('two', 'limits: { requestsPerMinute: 2 }');
const one = callerKey('one', 'limits: { requestsPerMinute: 1 }');
const spender = callerKey('spender', 'limits: { budgetPerDayUsd: 0.1 }');
const poor = callerKey('poor', 'limits: { budgetPerDayUsd: 0.000001 }');
const streamer = callerKey('streamer', 'limits: { concurrentStreams: 1 }');
const lifted = callerKey('lifted', 'limits: { maxInputBytes: null }');
const plain = callerKey('plain');

const model = 'openai/gpt-4o';
const messages = [{ role: 'user' as const, content: 'Hello' }];
const input = { model, messages: [{ role: 'USER', content: 'Hello' }] };

let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['stream']) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n');
      return;
    }
    // A thousand tokens of gpt-4o cost a cent.
    const usage = { prompt_tokens: 10, completion_tokens: 1000, total_tokens: 1010 };
    sendJson(response, 200, { ...openAiAnswer('Hi'), usage });
  });
  gateway = await openGateway({
    yaml: `limits: { maxInputBytes: 100 }\n${callersYaml(four, three, two, one, spender, poor, streamer, lifted, plain)}`,
    env: { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: provider.url },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const sdk = ({ key }: typeof four) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
const chat = async ({ key }: typeof four, more: object = {}) => {
  const { data } = await query(gateway.url, wholeChat, { input: { ...input, ...more } }, key);
  return data?.['chat'] as { __typename: string; code?: string; retryAfterMs?: number };
};

describe('on GraphQL', () => {
  it('four aliases are four requests', async () => {
    const fields = ['a', 'b', 'c', 'd'].map((alias) => `${alias}: chat(input: $input) { __typename }`);
    const document = `query ($input: ChatInput!) { ${fields.join(' ')} }`;
    const { data } = await query(gateway.url, document, { input }, four.key);
    expect(Object.values(data ?? {})).toEqual(Array(4).fill({ __typename: 'Completion' }));
    const refused = await chat(four);
    expect(refused.code).toBe('RATE_LIMITED');
    expect(refused.retryAfterMs).toBeGreaterThan(0);
  });

  it('one refused alias does not affect the others', async () => {
    const document = `query ($input: ChatInput!) { a: chat(input: $input) { __typename } b: chat(input: $input) { __typename } }`;
    const { data, errors } = await query(gateway.url, document, { input }, one.key);
    expect(errors).toBeUndefined();
    expect(Object.values(data ?? {})).toContainEqual({ __typename: 'Completion' });
    expect(Object.values(data ?? {})).toContainEqual({ __typename: 'ChatFailure' });
  });

  it('a second stream is refused while one is open, and admitted after it was cancelled', async () => {
    const client = sseClient(gateway.url, streamer.key);
    const open = client.iterate<{ chatStream: { __typename: string; code?: string } }>({
      query: wholeStream,
      variables: { input },
    });
    const first = async (events: typeof open) => (await events.next()).value?.data?.chatStream;
    expect(await first(open)).toMatchObject({ __typename: 'CompletionStarted' });
    const again = () => first(client.iterate({ query: wholeStream, variables: { input } }));
    expect(await again()).toMatchObject({ __typename: 'CompletionFailed', code: 'RATE_LIMITED' });
    await open.return?.();
    await expect.poll(async () => (await again())?.__typename).toBe('CompletionStarted');
  });

  it('global limits hold for each caller without its own, and can be lifted', async () => {
    const long = { messages: [{ role: 'USER', content: 'x'.repeat(101) }] };
    expect((await chat(plain, long)).code).toBe('INVALID_REQUEST');
    expect((await chat(lifted, long)).__typename).toBe('Completion');
  });
});

describe('on OpenAI’s paths', () => {
  it('answers and refusals have the usual rate-limit headers', async () => {
    const create = () => sdk(three).chat.completions.create({ model, messages, max_tokens: 10 });
    const { response } = await create().withResponse();
    const headers = (all: Headers) => Object.fromEntries([...all].filter(([name]) => name.includes('ratelimit')));
    expect(headers(response.headers)).toMatchObject({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '2',
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-limit-tokens': '100000',
    });
    expect(Number(response.headers.get('ratelimit-reset'))).toBeGreaterThan(50);
    expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+s$/);
    await create();
    await create();
    const refused = await create().catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    const error = refused as InstanceType<typeof OpenAI.RateLimitError>;
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(headers(error.headers)).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': '0' });
  });

  it('a spent budget is a 429 that SDKs do not retry', async () => {
    await sdk(poor).chat.completions.create({ model, messages, max_tokens: 10 });
    const before = provider.requests.length;
    const repeating = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: poor.key, maxRetries: 2 });
    const refused = await repeating.chat.completions.create({ model, messages }).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    const error = refused as InstanceType<typeof OpenAI.RateLimitError>;
    expect(error).toMatchObject({ code: 'insufficient_quota' });
    expect(error.headers.get('x-should-retry')).toBe('false');
    expect(Number(error.headers.get('retry-after'))).toBeLessThanOrEqual(24 * 60 * 60);
    expect(provider.requests).toHaveLength(before);
  });

  it('the head of a stream has them too, and none without such a limit', async () => {
    const headOf = async (key: typeof four) => {
      const { data, response } = await sdk(key)
        .chat.completions.create({ model, messages, stream: true })
        .withResponse();
      data.controller.abort();
      return response.headers.get('ratelimit-remaining');
    };
    expect(await headOf(two)).toBe('1');
    expect(await headOf(lifted)).toBeNull();
  });
});

describe('callers without an API key', () => {
  const count = (outcomes: readonly { code?: string }[]) => outcomes.filter(({ code }) => code === undefined).length;

  it('with a sign-in token have its limits, per person', async () => {
    const secret = 's'.repeat(32);
    await using signedIn = await openGateway({
      yaml: `${quickSandbox}jwt: { secretEnv: SECRET, issuer: here, audience: parley, limits: { requestsPerMinute: 2 } }\n`,
      env: { SECRET: secret },
    });
    const ask = async (name: string) => {
      const token = new SignJWT({ sub: name }).setIssuer('here').setAudience('parley').setExpirationTime('1h');
      const key = await token.setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
      const { data } = await query(signedIn.url, wholeChat, { input }, key);
      return data?.['chat'] as { code?: string };
    };
    expect(count([await ask('ann'), await ask('ann'), await ask('ann')])).toBe(2);
    expect(count([await ask('bob')])).toBe(1);
  });

  it('without authentication have the anonymous limits, none by default', async () => {
    const askThrice = async (yaml: string) => {
      await using anybody = await openGateway({ yaml: quickSandbox + yaml });
      const outcomes: { code?: string }[] = [];
      for (let index = 0; index < 3; index++) {
        const { data } = await query(anybody.url, wholeChat, { input });
        outcomes.push(data?.['chat'] as { code?: string });
      }
      return count(outcomes);
    };
    expect(await askThrice('limits: { requestsPerMinute: 2 }\n')).toBe(2);
    expect(await askThrice('')).toBe(3);
  });
});

describe('a small budget', () => {
  it('with 500 concurrent calls is spent, plus at most one request', async () => {
    const before = provider.requests.length;
    const answers = await Promise.all(Array.from({ length: 500 }, () => chat(spender, { maxTokens: 1000 })));
    const cents = (provider.requests.length - before) * 1.0025;
    expect(cents).toBeGreaterThan(10 - 1.0025);
    expect(cents).toBeLessThanOrEqual(10 + 1.0025);
    const codes = answers.map(({ code = 'OK' }) => code);
    expect(new Set(codes)).toEqual(new Set(['OK', 'BUDGET_EXCEEDED']));
  });
});
