import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { chat, query, send } from '../support/graphql-client.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';
import { openSocket, rawExchange } from '../support/raw-http.ts';

/** Clients that send slowly, read slowly, or send malformed data. */

const isHealthy = async ({ url }: RunningGateway) => {
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
  expect(await query(url, '{ __typename }')).toEqual({ status: 200, data: { __typename: 'Query' } });
};

const post = (body: string | Buffer, more = '') =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;

describe('a slow sender', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    const patience = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
    gateway = await openGateway({ yaml: quickSandbox }, patience);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it.each([
    ['half of its headers', 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-A: '],
    ['half of its body', `${post('x'.repeat(100))}{ "query":`],
    [
      'a chunk that does not end',
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{',
    ],
  ])('that sends %s is told that its time is over, and loses its connection', async (_what, bytes) => {
    expect(await rawExchange(gateway.url, bytes)).toMatch(/^HTTP\/1\.1 408 /);
    expect(gateway.log).toEqual([]);
  });

  it('does not delay other callers, two hundred of them at once', async () => {
    const slow = Array.from({ length: 200 }, () => rawExchange(gateway.url, 'GET / HTTP/1.1\r\nX: '));
    await isHealthy(gateway);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 |^$/);
  });
});

describe('a client that stops reading', () => {
  let provider: ProviderServer;
  let gateway: RunningGateway;
  beforeAll(async () => {
    const chunk = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'x'.repeat(50_000) } }] })}\n\n`;
    provider = await startProvider(({ body }, response) => {
      if (body['model'] === 'silent')
        return void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    gateway = await openGateway({
      yaml: localProvider(provider.url, 'server: { writeTimeoutMs: 300, heartbeatMs: 300 }\n'),
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await provider.close();
  });

  const subscribe = (model: string) => {
    const document = `subscription { chatStream(input: { model: "local/${model}", messages: [{ role: USER, content: "x" }] }) { ... on ContentDelta { text } } }`;
    const body = JSON.stringify({ query: document });
    const socket = openSocket(gateway.url);
    socket.write(post(body, 'Accept: text/event-stream\r\n') + body);
    return socket;
  };

  it('loses its connection, and its provider request is cancelled', async () => {
    const socket = subscribe('endless');
    await once(socket, 'data');
    socket.pause();
    await provider.received(1);
    await provider.requests[0]?.closed;
    socket.resume();
    await once(socket, 'close');
    expect(gateway.log).toEqual([]);
  });

  it('is not one that reads slowly: it is served as long as it reads', async () => {
    const socket = subscribe('endless');
    let read = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    // A little every 100 ms, for much longer than the limit.
    const timer = setInterval(() => {
      read += socket.read(1_000_000)?.length ?? socket.read()?.length ?? 0;
      if (performance.now() - startedAt > 1_200) resolve();
    }, 100);
    const startedAt = performance.now();
    socket.pause();
    await promise;
    clearInterval(timer);
    expect(socket.closed).toBe(false);
    expect(read).toBeGreaterThan(1_000_000);
    socket.destroy();
  });

  it('is not one that waits: a provider may be silent for longer', async () => {
    const socket = subscribe('silent');
    let frames = 0;
    socket.on('data', (piece: Buffer) => {
      frames += piece.toString().split(': ping\n').length - 1;
    });
    while (frames < 4) await once(socket, 'data');
    expect(socket.closed).toBe(false);
    socket.destroy();
  });
});

describe('a malicious body', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await openGateway({ yaml: quickSandbox });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const sendText = async (body: string | Buffer<ArrayBuffer>) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return { status: response.status, text: await response.text() };
  };
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const input = { model: 'openai/gpt-4o', messages: [{ role: 'USER', content: 'Hello' }] };
  const ask = 'query ($input: ChatInput!) { chat(input: $input) { __typename ... on ChatFailure { code } } }';

  it.each([
    ['10,000 arrays', nested(10_000)],
    ['a million arrays', nested(1_000_000)],
    ['10,000 objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['10,000 brackets that never close', '['.repeat(10_000)],
    [
      'a schema of 10,000 levels',
      JSON.stringify({
        query: ask,
        variables: { input: { ...input, tools: [{ name: 'a', parameters: {} }] } },
      }).replace('"parameters":{}', `"parameters":{"a":${nested(10_000)}}`),
    ],
    ['brackets behind a string that ends in a backslash', `{"a":"\\\\","b":${nested(200)}}`],
  ])('of %s is refused in a sentence', async (_what, body) => {
    const startedAt = performance.now();
    const { status, text } = await sendText(body);
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      {
        errors: [{ message: 'The body is nested too deeply (limit 100 levels).', extensions: { code: 'BAD_REQUEST' } }],
      },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('with brackets in its text is accepted', async () => {
    const content = `${'['.repeat(5_000)}"\\${'{'.repeat(5_000)}\\"`;
    expect(await chat(gateway.url, { ...input, messages: [{ role: 'USER', content }] })).toMatchObject({
      __typename: 'Completion',
    });
  });

  it('with "__proto__" at any depth changes no prototype', async () => {
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const bodies = [
      `{"query":"{ __typename }","__proto__":{"polluted":1}}`,
      `{"query":"{ __typename }","variables":${poison},"extensions":${poison}}`,
      JSON.stringify({
        query: ask,
        variables: { input: { ...input, tools: [{ name: 'a', parameters: { hole: 1 } }] } },
      }).replace('{"hole":1}', poison),
    ];
    for (const body of bodies) expect((await sendText(body)).status).toBe(200);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((await send(gateway.url, { query: ask, variables: { input } })).data).toEqual({
      chat: { __typename: 'Completion' },
    });
  });

  it.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['a lone surrogate', '{"query":"{ __typename }","variables":{"a":"\\ud800"}}'],
    ['a huge number', '{"query":"{ __typename }","variables":{"a":1e999}}'],
    ['NUL', '{"query":"{ __typename }\\u0000"}'],
  ])('of %s is answered in words', async (_what, body) => {
    const { status, text } = await sendText(body);
    expect([200, 400]).toContain(status);
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  it('does not harm the gateway, and logs no defect', async () => {
    await isHealthy(gateway);
    expect(gateway.log).toEqual([]);
  });
});
