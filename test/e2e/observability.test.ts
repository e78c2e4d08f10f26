import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { scrape } from '../support/prometheus.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** Metadata of one run, in the answer, the log line, the metrics and the usage counts. */

const [admin, web] = [callerKey('ops', 'admin: true'), callerKey('web')];
const price = '{ input: 1000000, output: 2000000, asOf: "2026-11-01" }';
const prices = `prices: { local/a: ${price}, local/broken: ${price} }\n`;

let server: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  server = await startProvider(async ({ body }, response) => {
    if (body['model'] === 'bad') return sendJson(response, 503, { error: { message: 'Down' } });
    if (body['model'] === 'broken') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end(
        openAiStream(['Hi'])
          .replace(/data: \[DONE\]\n\n$/, '')
          .replace(/"finish_reason":"stop"/, '"finish_reason":null'),
      );
    }
    if (body['stream']) return sendStream(response, openAiStream(['Hi']));
    sendJson(response, 200, openAiAnswer('Hi'));
  });
  gateway = await openGateway({ yaml: `${localProvider(server.url, prices)}${callersYaml(admin, web)}` });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server.close();
});

async function ask(key: string, query: string, accept = 'application/json'): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${key}` },
    body: JSON.stringify({ query }),
  });
  return await response.text();
}

const input = (model: string) => `input: { model: "local/${model}", messages: [{ role: USER, content: "Hello" }] }`;
const expense = 'latencyMs timeToFirstTokenMs overheadMs cost { total priceSource pricedAt }';

function complete(body: object): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${web.key}` },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], ...body }),
  });
}

describe('an answer', () => {
  // 5 tokens in at 1 dollar, 2 out at 2.
  const cost = { total: 9, priceSource: 'parley.yaml', pricedAt: '2026-11-01' };

  it('has its duration and cost, whole', async () => {
    const { data } = JSON.parse(
      await ask(web.key, `query Ask { chat(${input('a')}) { ... on Completion { ${expense} } } }`),
    );
    expect(data.chat).toMatchObject({ timeToFirstTokenMs: null, cost });
    expect(data.chat.overheadMs).toBeGreaterThan(0);
    expect(data.chat.overheadMs).toBeLessThanOrEqual(data.chat.latencyMs + 1);
    const fields = {
      caller: 'web',
      operation: 'Ask',
      provider: 'local',
      model: 'a',
      code: 'OK',
      attempts: 1,
      costUsd: 9,
    };
    await vi.waitFor(() => expect(gateway.calls.at(-1)).toMatchObject({ level: 'info', fields }));
  });

  it('has them streamed, and up to the break when it broke off', async () => {
    const events = async (model: string) =>
      await ask(
        web.key,
        `subscription { chatStream(${input(model)}) { ... on CompletionFinished { ${expense} } ... on CompletionFailed { code ${expense} usage { isPartial } } } }`,
        'text/event-stream',
      );
    expect(await events('a')).toContain('"cost":{"total":9,');
    const broken = await events('broken');
    expect(broken).toContain('"code":"UPSTREAM_TRUNCATED"');
    expect(broken).toContain(
      '"cost":{"total":9,"priceSource":"parley.yaml","pricedAt":"2026-11-01"},"usage":{"isPartial":true}',
    );
    const fields = { code: 'UPSTREAM_TRUNCATED', costUsd: 9 };
    await vi.waitFor(() => expect(gateway.calls.at(-1)).toMatchObject({ level: 'warn', fields }));
  });

  it('has its overhead in the headers of REST: whole, streamed and failed', async () => {
    for (const body of [{ model: 'local/a' }, { model: 'local/a', stream: true }, { model: 'local/bad' }]) {
      const response = await complete(body);
      const { headers } = response;
      await response.text();
      const overhead = Number(headers.get('x-parley-overhead-ms'));
      expect(overhead).toBeGreaterThan(0);
      expect(headers.get('server-timing')).toMatch(/^total;dur=\d+, parley;dur=[\d.]+$/);
    }
  });

  it('from a model without a price has no cost', async () => {
    const { data } = JSON.parse(await ask(web.key, `{ chat(${input('b')}) { ... on Completion { cost { total } } } }`));
    expect(data.chat.cost).toBeNull();
  });
});

describe('the catalogue', () => {
  it('has the prices that answers are charged by', async () => {
    const { data } = JSON.parse(
      await ask(
        web.key,
        '{ models(filter: { maxInputPrice: 0.1, provider: "openai" }) { id pricing { inputPerMillion source } } }',
      ),
    );
    expect(data.models.length).toBeGreaterThan(1);
    for (const { pricing } of data.models) expect(pricing.inputPerMillion).toBeLessThanOrEqual(0.1);
  });
});

describe('usage', () => {
  it('is visible to its caller, and to an admin for all', async () => {
    const rows = async (key: string, by: string) =>
      JSON.parse(await ask(key, `{ usage(by: ${by}) { since rows { name requests errors costUsd } } }`)).data.usage
        .rows;
    const before = (await rows(web.key, 'CALLER'))[0].requests;
    await ask(admin.key, `{ chat(${input('a')}) { __typename } }`);
    expect(await rows(web.key, 'CALLER')).toMatchObject([{ name: 'web', requests: before }]);
    expect(await rows(admin.key, 'CALLER')).toMatchObject([{ name: 'web' }, { name: 'ops', requests: 1, costUsd: 9 }]);
    expect(await rows(admin.key, 'PROVIDER')).toMatchObject([{ name: 'local', requests: before + 1 }]);
  });
});

describe('metrics', () => {
  const read = (key?: string) =>
    fetch(`${gateway.url}/metrics`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });

  it('require an admin', async () => {
    expect((await read()).status).toBe(401);
    expect((await read(web.key)).status).toBe(403);
    const response = await read(admin.key);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('version=0.0.4'),
    ]);
    const { of } = scrape(await response.text());
    expect(
      of('parley_cost_usd_total')
        .map(({ value }) => Number(value))
        .some((value) => value >= 18),
    ).toBe(true);
  });

  it('may have a separate port without authentication', async () => {
    const own = await startGateway({ yaml: `metrics: { port: 0 }\n${callersYaml(admin)}` });
    const [, url = ''] = /metrics: +(http:\S+)/.exec(own.output()) ?? [];
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(new URL('/graphql', url))).status).toBe(404);
    const elsewhere = { headers: { authorization: `Bearer ${admin.key}` } };
    expect((await fetch(`${own.url}/metrics`, elsewhere)).status).toBe(404);
    expect(await own.stop()).toBe(0);
  });
});

describe('readiness', () => {
  it('fails while all targets in use are unavailable, without asking a provider, and recovers without a restart', async () => {
    const yaml = `${localProvider(server.url).replace('breaker: { failures: 1000 }', 'breaker: { failures: 1, openMs: 200 }')}`;
    await using shut = await openGateway({ yaml });
    const ready = async () => await (await fetch(`${shut.url}/readyz`)).json();
    expect(await ready()).toEqual({ status: 'ready' });
    await fetch(`${shut.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'local/bad', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const asked = server.requests.length;
    const response = await fetch(`${shut.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, { status: 'no provider available' }]);
    expect((await fetch(`${shut.url}/healthz`)).status).toBe(200);
    await expect.poll(ready, { timeout: 2_000, interval: 20 }).toEqual({ status: 'ready' });
    expect(server.requests.length).toBe(asked);
  });
});
