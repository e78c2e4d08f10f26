import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { exitOf, type GatewayProcess, type GatewaySettings, startGateway } from '../support/gateway-process.ts';
import { query, sseClient, wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';

/** Two gateways in processes of their own, on one Redis. */

const web = callerKey('web', 'limits: { requestsPerMinute: 40 }');
const spender = callerKey('spender', 'limits: { budgetPerDayUsd: 0.1 }');
const ops = callerKey('ops', 'admin: true');
const streamer = callerKey('streamer', 'limits: { concurrentStreams: 1 }');
const firstContent = 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';
const hello = [{ role: 'USER', content: 'Hello' }];

describe.skipIf(!hasRedis)('two gateways on one Redis', () => {
  let redis: RedisServer;
  let provider: ProviderServer;
  let gateways: GatewayProcess[];
  let settings: GatewaySettings;
  const url = (index: number) => gateways[index % 2]?.url ?? '';
  const ask = async (index: number, key: string, input: object = {}) => {
    const variables = { input: { model: 'openai/gpt-4o', messages: hello, ...input } };
    const { data } = await query(url(index), wholeChat, variables, key);
    return data?.['chat'] as { __typename: string; code?: string };
  };

  beforeAll(async () => {
    redis = await startRedis();
    provider = await startProvider(({ body, headers }, response) => {
      if (headers.authorization === 'Bearer limited') {
        return sendJson(response, 429, { error: { message: 'Slow down' } }, { 'retry-after': '30' });
      }
      if (body['stream'])
        return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(firstContent);
      // A thousand tokens of gpt-4o cost a cent.
      const usage = { prompt_tokens: 10, completion_tokens: 1000, total_tokens: 1010 };
      sendJson(response, 200, { ...openAiAnswer('Hi'), usage, model: body['model'] });
    });
    settings = {
      yaml: callersYaml(web, spender, streamer, ops),
      env: {
        PARLEY_REDIS_URL: redis.url,
        OPENAI_API_KEY: 'good',
        OPENAI_BASE_URL: provider.url,
        DEEPSEEK_API_KEY: 'limited,good',
        DEEPSEEK_BASE_URL: provider.url,
      },
    };
    gateways = await Promise.all([startGateway(settings), startGateway(settings)]);
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await provider.close();
    await redis[Symbol.asyncDispose]();
  });

  it('share a limit exactly', async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, (_, index) => ask(index, web.key)));
    expect(answers.filter(({ __typename }) => __typename === 'Completion')).toHaveLength(40);
    expect(answers.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(80);
  });

  it('spend a budget of ten cents once, plus at most one request', async () => {
    const before = provider.requests.length;
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => ask(index, spender.key, { maxTokens: 1000 })),
    );
    const sent = provider.requests.length - before;
    const cents = 1.0025;
    expect(sent * cents).toBeGreaterThan(10 - cents);
    expect(sent * cents).toBeLessThanOrEqual(10 + cents);
    expect(answers.filter(({ code }) => code === 'BUDGET_EXCEEDED')).toHaveLength(500 - sent);
  });

  it('generate a request id once', async () => {
    const input = { requestId: 'once' };
    expect((await ask(0, ops.key, input)).__typename).toBe('Completion');
    expect((await ask(1, ops.key, input)).code).toBe('DUPLICATE_REQUEST');
  });

  it('share which keys cool down', async () => {
    const keysOf = async (index: number) => {
      const { data } = await query(
        url(index),
        '{ providers { id keys { name cooldowns { code model } } } }',
        {},
        ops.key,
      );
      const all = data?.['providers'] as { id: string; keys: { cooldowns: object[] }[] }[];
      return all.find(({ id }) => id === 'deepseek')?.keys;
    };
    expect((await ask(0, ops.key, { model: 'deepseek/deepseek-chat' })).__typename).toBe('Completion');
    const resting = { name: 'deepseek#1', cooldowns: [{ code: 'UPSTREAM_RATE_LIMITED', model: 'deepseek-chat' }] };
    expect((await keysOf(0))?.[0]).toEqual(resting);
    await expect.poll(async () => (await keysOf(1))?.[0]).toEqual(resting);
    const limited = () => provider.requests.filter(({ headers }) => headers.authorization === 'Bearer limited').length;
    const before = limited();
    expect((await ask(1, ops.key, { model: 'deepseek/deepseek-chat' })).__typename).toBe('Completion');
    expect(limited()).toBe(before);
  });

  it('release the reservations of a killed gateway', async () => {
    const variables = { input: { model: 'openai/gpt-4o', messages: hello } };
    const open = (gatewayUrl: string) =>
      sseClient(gatewayUrl, streamer.key).iterate<{ chatStream: object }>({ query: wholeStream, variables });
    /** The first event of a stream that is then cancelled. */
    const firstEvent = async () => {
      for await (const { data } of open(url(0))) return data?.chatStream;
      return undefined;
    };
    const doomed = await startGateway(settings);
    const first = await open(doomed.url).next();
    expect(first.value?.data?.chatStream).toMatchObject({ __typename: 'CompletionStarted' });
    doomed.child.kill('SIGKILL');
    await exitOf(doomed.child);
    expect(await firstEvent()).toMatchObject({ code: 'RATE_LIMITED' });
    const client = new Redis(redis.url);
    const expiries = 'parley:limits:{streamer}:expiries';
    const [id = '', endsAt = ''] = await client.zrange(expiries, '0', '-1', 'WITHSCORES');
    expect(Number(endsAt) - Date.now()).toBeLessThanOrEqual(30_000);
    // Moves the expiry of the lease into the past.
    await client.zadd(expiries, 'XX', Date.now() - 1, id);
    client.disconnect();
    expect(await firstEvent()).toMatchObject({ __typename: 'CompletionStarted' });
  });

  it('inform a gateway that starts later, too', async () => {
    const late = await startGateway({
      yaml: callersYaml(ops),
      env: { PARLEY_REDIS_URL: redis.url, DEEPSEEK_API_KEY: 'other,limited', DEEPSEEK_BASE_URL: provider.url },
    });
    const document = '{ providers { id keys { cooldowns { code } } } }';
    await expect
      .poll(async () => {
        const { data } = await query(late.url, document, {}, ops.key);
        const all = data?.['providers'] as { id: string; keys: { cooldowns: object[] }[] }[];
        // Found by its content, not by its position.
        return all.find(({ id }) => id === 'deepseek')?.keys.map(({ cooldowns }) => cooldowns.length);
      })
      .toEqual([0, 1]);
    expect(await late.stop()).toBe(0);
  });
});

describe.skipIf(!hasRedis)('two gateways that start before their Redis', () => {
  it('share which keys cool down as soon as Redis is up', async () => {
    await using redis = await startRedis();
    await redis.kill();
    const provider = await startProvider((_request, response) => sendJson(response, 429, { error: { message: 'No' } }));
    const settings = {
      env: { PARLEY_REDIS_URL: redis.url, OPENAI_API_KEY: 'key', OPENAI_BASE_URL: provider.url },
      yaml: 'retries: { max: 0 }\ncooldowns: { rateLimitMs: 60000 }\n',
    };
    await using here = await openGateway(settings);
    await using there = await openGateway(settings);
    await redis.restart();
    const isBack = ({ log }: RunningGateway) => log.some(({ message }) => message === 'Redis connected');
    await expect.poll(() => isBack(here) && isBack(there), { timeout: 5_000 }).toBe(true);
    const codeAt = async ({ url }: RunningGateway, model: string) => {
      const { data } = await query(url, wholeChat, { input: { model, messages: hello } });
      return data?.['chat'];
    };
    const statusAt = async ({ url }: RunningGateway) => {
      const { data } = await query(url, '{ providers { id status keys { cooldowns { model } } } }');
      const all = data?.['providers'] as { id: string; keys: { cooldowns: { model: string }[] }[] }[];
      return all.find(({ id }) => id === 'openai')?.keys[0]?.cooldowns.map(({ model }) => model);
    };
    let asked = 0;
    // One model after the other until one arrives: the subscriber may connect a moment later.
    await expect
      .poll(async () => {
        asked += 1;
        expect(await codeAt(here, `openai/m${asked}`)).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED' });
        return (await statusAt(there))?.length;
      })
      .toBeGreaterThan(0);
    await provider.close();
  });
});
