import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { query, wholeChat } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { realClock } from '../support/real-clock.ts';
import { hasRedis, type RedisServer, type SlowLink, startRedis, startSlowLink } from '../support/redis-server.ts';

/** Redis frozen, killed and slow, under a gateway that goes on answering. */

const web = callerKey('web', 'limits: { requestsPerMinute: 20, tokensPerMinute: 1000000 }');
const spender = callerKey('spender', 'limits: { budgetPerDayUsd: 1 }');
const many = callerKey('many', 'limits: { requestsPerMinute: 1000 }');
const variables = {
  input: { model: 'openai/gpt-4o', maxTokens: 1000, messages: [{ role: 'USER', content: 'Hello' }] },
};

/** Time that a silent Redis costs once, and afterwards; with room for a busy machine. */
const once = 200 + 400;
const nothing = 100;

describe.skipIf(!hasRedis)('a gateway whose Redis', () => {
  let redis: RedisServer;
  let link: SlowLink;
  let provider: ProviderServer;
  let gateway: RunningGateway;

  const open = (url: string) =>
    openGateway({
      yaml: callersYaml(web, spender, many),
      env: { PARLEY_REDIS_URL: url, OPENAI_API_KEY: 'key', OPENAI_BASE_URL: provider.url },
    });
  const ask = async ({ key } = many, input: object = {}) => {
    const startedAt = performance.now();
    const { data } = await query(gateway.url, wholeChat, { input: { ...variables.input, ...input } }, key);
    const answer = data?.['chat'] as { __typename: string; code?: string; retryable?: boolean; message?: string };
    return { ...answer, outcome: answer.code ?? 'OK', ms: performance.now() - startedAt };
  };
  const outcomes = async (count: number, key: typeof web) => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask(key)));
    return answers.filter(({ outcome }) => outcome === 'OK').length;
  };
  const said = (message: string) => gateway.log.filter((line) => line.message.startsWith(message)).length;
  /** Time until the gateway notices that Redis is connected again. */
  const timeToReturn = async () => {
    const startedAt = performance.now();
    const before = said('Redis connected');
    await expect.poll(() => said('Redis connected'), { timeout: 10_000 }).toBeGreaterThan(before);
    return performance.now() - startedAt;
  };

  beforeEach(async () => {
    redis = await startRedis();
    link = await startSlowLink(redis.port);
    provider = await startProvider((_request, response) => {
      // A cent of gpt-4o.
      const usage = { prompt_tokens: 10, completion_tokens: 1000, total_tokens: 1010 };
      sendJson(response, 200, { ...openAiAnswer('Hi'), usage });
    });
    gateway = await open(link.url);
    await ask();
  });
  afterEach(async () => {
    redis.thaw();
    await gateway[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
    await provider.close();
    await redis[Symbol.asyncDispose]();
  });

  const delay = (ms: number) => {
    link.delayMs = ms;
  };
  const maxMemory = async (bytes: string) => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', bytes);
    client.disconnect();
  };
  const losses: readonly [string, () => void | Promise<void>, () => void | Promise<void>][] = [
    ['is frozen', () => redis.freeze(), () => redis.thaw()],
    ['is killed', () => redis.kill(), () => redis.restart()],
    ['is slow', () => delay(400), () => delay(0)],
    ['is full', () => maxMemory('1'), () => maxMemory('0')],
  ];

  it.each(losses)(
    '%s answers once a little later, then at once, and goes back to it within 5 s',
    async (_what, lose, mend) => {
      await lose();
      expect((await ask()).ms).toBeLessThan(once);
      const later = await Promise.all(Array.from({ length: 10 }, () => ask()));
      for (const { outcome } of later) expect(outcome).toBe('OK');
      const times: number[] = [];
      for (let index = 0; index < 11; index++) times.push((await ask()).ms);
      expect(times.sort((a, b) => a - b)[5]).toBeLessThan(nothing);
      expect(said('Redis unavailable')).toBe(1);
      const back = timeToReturn();
      await mend();
      expect(await back).toBeLessThan(5_000);
      expect((await ask()).outcome).toBe('OK');
    },
  );

  it('is frozen admits half of each limit, and a fiftieth of the money', async () => {
    redis.freeze();
    await ask();
    expect(await outcomes(40, web)).toBe(10);
    // Two cents: one call leaves some of them, so that another is admitted.
    expect(await ask(spender)).toMatchObject({ outcome: 'OK' });
    expect(await ask(spender)).toMatchObject({ outcome: 'OK' });
    const refused = await ask(spender);
    expect(refused).toMatchObject({ outcome: 'BUDGET_EXCEEDED', retryable: true });
    expect(refused.message).toContain('store unavailable');
  });

  it('is frozen reports it at /healthz without details', async () => {
    redis.freeze();
    const startedAt = performance.now();
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(nothing);
  });

  it('recovers adds what was spent without it', async () => {
    redis.freeze();
    await ask();
    await ask(spender);
    const back = timeToReturn();
    redis.thaw();
    await back;
    await using own = await connect(redis.url);
    // In nano-dollars: ten tokens of input and a thousand of output.
    await expect.poll(() => own.client.hget('parley:limits:{spender}:account', 'spent')).toBe('10025000');
  });

  it('is unreachable at the start serves all the same', async () => {
    await redis.kill();
    const startedAt = performance.now();
    await using alone = await open(redis.url);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    const { data } = await query(alone.url, wholeChat, variables, many.key);
    expect(data?.['chat']).toMatchObject({ __typename: 'Completion' });
    expect(alone.log.map(({ message }) => message)).toContainEqual(expect.stringContaining('Redis unavailable'));
  });

  it('is unreachable does not log its password', async () => {
    await using alone = await open('redis://gateway:canary-password@127.0.0.1:9');
    expect(alone.log.length).toBeGreaterThan(0);
    expect(inspect(alone.log, { depth: 9 })).not.toContain('canary');
  });

  it('answers late because the gateway was busy is not reported as unavailable', async () => {
    await using own = await connect(redis.url);
    const answer = own.run((client) => client.ping());
    const until = performance.now() + 400;
    while (performance.now() < until);
    expect(await answer).toEqual({ value: 'PONG' });
    expect(own.isUnavailable).toBe(false);
  });
});

async function connect(url: string) {
  const redis = await connectRedis(new Secret(url), realClock, { info() {}, warn() {}, error() {} });
  return Object.assign(redis, { [Symbol.asyncDispose]: redis.close });
}
