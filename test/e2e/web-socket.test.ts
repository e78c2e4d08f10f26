import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { openSocketClient, streamedOverSocket } from '../support/web-socket-client.ts';

/** GraphQL over WebSocket, with graphql-ws's own client and with frames by hand. */

const input = (model: string) => ({ model, messages: [{ role: 'USER', content: 'Hello' }] });

let provider: ProviderServer;
let local: RunningGateway;
let sandbox: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(async ({ body }, response) => {
    if (body['model'] === 'silent') return;
    if (body['stream'] !== true) return sendJson(response, 200, openAiAnswer('Hello'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const content = body['model'] === 'flood' ? 'x'.repeat(50_000) : 'word ';
    const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content } }] })}\n\n`;
    let isOpen = true;
    response.once('close', () => {
      isOpen = false;
    });
    while (isOpen) {
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      await new Promise((resolve) => setTimeout(resolve, body['model'] === 'flood' ? 0 : 10));
    }
  });
  local = await openGateway({ yaml: localProvider(provider.url) });
  sandbox = await openGateway({ yaml: quickSandbox });
});
afterAll(async () => {
  await local?.[Symbol.asyncDispose]();
  await sandbox?.[Symbol.asyncDispose]();
  await provider?.close();
});

/** A connection by hand: messages in, messages and the close code out. */
function connect(url: string, options: { readonly headers?: Record<string, string>; readonly protocol?: string } = {}) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, options.protocol ?? 'graphql-transport-ws', {
    ...(options.headers && { headers: options.headers }),
  });
  const messages: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      for (const wake of waiting.splice(0)) wake();
    });
  });
  const refused = new Promise<number>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
      socket.terminate();
    });
    socket.once('error', () => {});
  });
  return {
    socket,
    closed,
    refused,
    messages,
    send: async (message: unknown) => {
      if (socket.readyState === socket.CONNECTING) await once(socket, 'open');
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    async next(type: string) {
      for (;;) {
        const found = messages.find((message) => message['type'] === type);
        if (found) return found;
        if (socket.readyState >= socket.CLOSING)
          throw new Error(`Closed before "${type}": ${JSON.stringify(messages)}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
const init = { type: 'connection_init' };
const subscribe = (id: string, model: string) => ({
  ...{ id, type: 'subscribe' },
  payload: { query: wholeStream, variables: { input: input(model) } },
});

describe('operations', () => {
  it('are queries, mutations and streams, many on one connection', async () => {
    const client = openSocketClient(sandbox.url);
    let opened = 0;
    client.on('opened', () => {
      opened += 1;
    });
    const models = Array.from({ length: 20 }, () => 'openai/gpt-4o');
    const whole = async (query: string) => {
      for await (const { data } of client.iterate({ query, variables: { input: input('openai/gpt-4o') } })) return data;
      return undefined;
    };
    const stream = async (model: string) => {
      const events: { __typename: string }[] = [];
      const asked = { query: wholeStream, variables: { input: input(model) } };
      for await (const { data } of client.iterate<{ chatStream: { __typename: string } }>(asked)) {
        if (data) events.push(data.chatStream);
      }
      return events;
    };
    const [chat, mutation, ...streams] = await Promise.all([
      whole(wholeChat),
      whole(wholeChat.replace(/^\s*query/, 'mutation')),
      ...models.map(stream),
    ]);
    expect(chat).toMatchObject({ chat: { __typename: 'Completion' } });
    expect(mutation).toMatchObject({ chat: { __typename: 'Completion' } });
    for (const events of streams) expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
    expect(opened).toBe(1);
    await client.dispose();
  });

  it('have the guards of HTTP: documents, complexity, introspection, persisted ones', async () => {
    const web = callerKey('web');
    const kiosk = callerKey('kiosk', 'persistedOnly: true');
    await using closed = await openGateway({
      yaml: `${quickSandbox}graphql: { introspection: false, persistedOperations: list.json, maxPaidFields: 1 }\n${callersYaml(web, kiosk)}`,
      files: { 'list.json': '{ "h1": "{ __typename }" }' },
    });
    const ask = async (key: string, payload: object) => {
      const client = openSocketClient(closed.url, { connectionParams: { authorization: `Bearer ${key}` } });
      try {
        for await (const result of client.iterate(payload as never)) return result;
        return undefined;
      } catch (thrown) {
        return thrown as readonly { message: string; extensions: { code: string } }[];
      } finally {
        await client.dispose();
      }
    };
    const codeOf = (thrown: unknown) => (thrown as readonly { extensions: { code: string } }[])[0]?.extensions.code;
    expect(await ask(web.key, { query: '{ __typename }' })).toEqual({ data: { __typename: 'Query' } });
    expect(await ask(kiosk.key, { query: '', extensions: { persistedQuery: { sha256Hash: 'h1' } } })).toEqual({
      data: { __typename: 'Query' },
    });
    expect(codeOf(await ask(kiosk.key, { query: '{ __typename }' }))).toBe('PERSISTED_ONLY');
    expect(codeOf(await ask(web.key, { query: '{ __schema { types { name } } }' }))).toBe('INTROSPECTION_DISABLED');
    expect(codeOf(await ask(web.key, { query: '{ nothing }' }))).toBe('BAD_USER_INPUT');
    expect(codeOf(await ask(web.key, { query: '{' }))).toBe('BAD_USER_INPUT');
    expect(
      codeOf(await ask(web.key, { query: `{ a: chat(input: {}) { __typename } b: chat(input: {}) { __typename } }` })),
    ).toBe('TOO_MANY_PAID_FIELDS');
    expect(codeOf(await ask(web.key, { query: '{ __typename }', operationName: 'None' }))).toBe('BAD_REQUEST');
    const secret = 'A secret plan';
    const wrong = {
      query: wholeStream,
      variables: { input: { model: 5, messages: [{ role: secret, content: secret }] } },
    };
    const refused = JSON.stringify(await ask(web.key, wrong));
    expect(refused).toContain('BAD_USER_INPUT');
    expect(refused).not.toContain(secret);
    expect(JSON.stringify([closed.log, closed.calls])).not.toContain(secret);
  });

  it('beyond a hundred on one connection are refused', async () => {
    const hand = connect(local.url);
    await hand.send(init);
    await hand.next('connection_ack');
    for (let index = 0; index <= 100; index++) await hand.send(subscribe(`s${index}`, 'local/silent'));
    expect(await hand.next('error')).toMatchObject({
      id: 's100',
      payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }],
    });
    hand.socket.close();
    await hand.closed;
    await expect.poll(() => provider.open.size).toBe(0);
  });
});

describe('leaving stops the provider', () => {
  it.each(['complete', 'close', 'terminate'] as const)('by %s, of a stream', async (how) => {
    const hand = connect(local.url);
    await hand.send(init);
    await hand.next('connection_ack');
    const before = provider.requests.length;
    await hand.send(subscribe('s', 'local/x'));
    await hand.next('next');
    if (how === 'complete') await hand.send({ id: 's', type: 'complete' });
    else hand.socket[how]();
    await provider.requests[before]?.closed;
    hand.socket.close();
  });

  it.each(['complete', 'close'] as const)('by %s, before the first event and of a whole answer', async (how) => {
    for (const query of [wholeStream, wholeChat]) {
      const hand = connect(local.url);
      await hand.send(init);
      await hand.next('connection_ack');
      const before = provider.requests.length;
      await hand.send({ id: 's', type: 'subscribe', payload: { query, variables: { input: input('local/silent') } } });
      await provider.received(before + 1);
      if (how === 'complete') await hand.send({ id: 's', type: 'complete' });
      else hand.socket.close();
      await provider.requests[before]?.closed;
      hand.socket.close();
    }
  });

  it('leaves the other streams of the connection alone', async () => {
    const hand = connect(local.url);
    await hand.send(init);
    await hand.next('connection_ack');
    const before = provider.requests.length;
    await hand.send(subscribe('a', 'local/x'));
    await hand.send(subscribe('b', 'local/x'));
    await provider.received(before + 2);
    await hand.send({ id: 'a', type: 'complete' });
    await Promise.race(provider.requests.slice(before).map(({ closed }) => closed));
    const seen = hand.messages.length;
    await expect.poll(() => hand.messages.slice(seen).filter(({ id }) => id === 'b').length).toBeGreaterThan(3);
    expect(hand.messages.slice(seen + 5).some(({ id }) => id === 'a')).toBe(false);
    hand.socket.close();
  });
});

it('a client that does not read stops the provider from writing', async () => {
  const hand = connect(local.url);
  await hand.send(init);
  await hand.next('connection_ack');
  const before = provider.requests.length;
  await hand.send(subscribe('s', 'local/flood'));
  await hand.next('next');
  hand.socket.pause();
  await provider.received(before + 1);
  const written = () => [...provider.open].reduce((sum, socket) => sum + socket.bytesWritten, 0);
  let last = -1;
  // What fits into the buffers of the systems between them, and then nothing more.
  await expect
    .poll(
      () => {
        const now = written();
        const isStill = now === last;
        last = now;
        return isStill && now > 100_000;
      },
      { interval: 300, timeout: 15_000 },
    )
    .toBe(true);
  expect(last).toBeLessThan(50_000_000);
  hand.socket.terminate();
  await provider.requests[before]?.closed;
});

describe('who may connect', () => {
  const web = callerKey('web');
  let closed: RunningGateway;
  beforeAll(async () => {
    closed = await openGateway({
      yaml: `${quickSandbox}server: { cors: ["https://app.example"] }\n${callersYaml(web)}`,
    });
  });
  afterAll(() => closed?.[Symbol.asyncDispose]());

  it.each([
    ['the upgrade request', { headers: { authorization: `Bearer ${web.key}` } }, {}],
    ['the upgrade request, as x-api-key', { headers: { 'x-api-key': web.key } }, {}],
    ['the first message', {}, { authorization: `Bearer ${web.key}` }],
    ['the first message, as headers', {}, { headers: { Authorization: `Bearer ${web.key}` } }],
  ])('is told by %s', async (_name, options, payload) => {
    const hand = connect(closed.url, options);
    await hand.send({ ...init, payload });
    await hand.next('connection_ack');
    hand.socket.close();
  });

  it('has a share of the connections, by its address until it is named', async () => {
    const other = callerKey('other');
    await using small = await openGateway({
      yaml: `${quickSandbox}concurrency: { maxConnections: 8 }\n${callersYaml(web, other)}`,
    });
    const headers = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    const open = [web.key, web.key, other.key].map((key) => connect(small.url, headers(key)));
    for (const { socket } of open) await once(socket, 'open');
    expect(await connect(small.url, headers(web.key)).refused).toBe(503);
    const named = connect(small.url);
    await named.send({ ...init, payload: { authorization: `Bearer ${web.key}` } });
    expect(await named.closed).toMatchObject({ code: 1013, reason: expect.stringContaining('maxConnections') });
    const [first] = open;
    first?.socket.close();
    await first?.closed;
    const again = connect(small.url);
    await again.send({ ...init, payload: { authorization: `Bearer ${web.key}` } });
    await again.next('connection_ack');
    for (const { socket } of [...open, again]) socket.close();
  });

  it('is nobody where they are turned off', async () => {
    await using without = await openGateway({ yaml: `${quickSandbox}concurrency: { maxConnections: 0 }\n` });
    expect(await connect(without.url).refused).toBe(503);
  });

  it('has a share of its own of the bytes in flight, though it is named by the first message', async () => {
    const [one, other] = [callerKey('one'), callerKey('other')];
    await using small = await openGateway({
      yaml: `concurrency: { bodyBytes: 1000000 }\n${callersYaml(one, other)}${localProvider(provider.url)}`,
    });
    const open = async ({ key }: typeof one) => {
      const hand = connect(small.url);
      await hand.send({ ...init, payload: { authorization: `Bearer ${key}` } });
      await hand.next('connection_ack');
      return hand;
    };
    const large = (id: string) => {
      const asked = { model: 'local/x', messages: [{ role: 'USER', content: 'x'.repeat(150_000) }] };
      return { id, type: 'subscribe', payload: { query: wholeStream, variables: { input: asked } } };
    };
    const [first, second] = [await open(one), await open(other)];
    await first.send(large('a'));
    await first.next('next');
    await second.send(large('b'));
    await second.next('next');
    // The third one is above the share of its caller.
    await first.send(large('c'));
    expect(await first.closed).toMatchObject({ code: 1013, reason: expect.stringMatching(/bytes of request bodies/) });
    second.socket.close();
  });

  it('is not told by a wrong key, or by none', async () => {
    const early = connect(closed.url, { headers: { authorization: 'Bearer parley_wrong' } });
    expect(await early.refused).toBe(401);
    for (const payload of [{ authorization: 'Bearer parley_wrong' }, {}]) {
      const hand = connect(closed.url);
      await hand.send({ ...init, payload });
      expect(await hand.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/API key/) });
    }
  });

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
  ])('is not a page of %s', async (origin, status) => {
    for (const url of [closed.url, sandbox.url])
      expect(await connect(url, { headers: { origin } }).refused).toBe(status);
  });

  it('is a page of the gateway itself, or one of server.cors', async () => {
    for (const origin of ['https://app.example', closed.url]) {
      const hand = connect(closed.url, { headers: { origin } });
      await hand.send({ ...init, payload: { authorization: `Bearer ${web.key}` } });
      await hand.next('connection_ack');
      hand.socket.close();
    }
  });

  it('is nobody under a foreign Host, or at another path', async () => {
    expect(await connect(sandbox.url, { headers: { host: 'evil.example' } }).refused).toBe(400);
    const socket = new WebSocket(`${sandbox.url.replace(/^http/, 'ws')}/v1/chat/completions`);
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(404);
    socket.on('error', () => {});
    socket.terminate();
  });
});

describe('the protocol', () => {
  it.each([
    ['a subscription before the first message', [subscribe('s', 'local/x')], 4401],
    ['a second first message', [init, init], 4429],
    ['an id that is in use', [init, subscribe('s', 'local/silent'), subscribe('s', 'local/silent')], 4409],
    ['no JSON', ['{'], 4400],
    ['an unknown message', [{ type: 'hello' }], 4400],
    ['JSON that is nested too deeply', [`{"type":"ping","payload":${'['.repeat(5_000)}${']'.repeat(5_000)}}`], 4400],
  ])('closes the connection for %s', async (_name, messages, code) => {
    const hand = connect(local.url);
    for (const [index, message] of messages.entries()) {
      await hand.send(message);
      if (index === 0 && message === init) await hand.next('connection_ack');
    }
    expect((await hand.closed).code).toBe(code);
  });

  it('refuses binary messages, other protocols and messages that are too large', async () => {
    const binary = connect(local.url);
    await once(binary.socket, 'open');
    binary.socket.send(Buffer.from('{"type":"connection_init"}'));
    expect((await binary.closed).code).toBe(4400);
    const old = connect(local.url, { protocol: 'graphql-ws' });
    await once(old.socket, 'open').catch(() => {});
    expect((await old.closed).code).toBeGreaterThan(1000);
    await using small = await openGateway({ yaml: `server: { maxBodyBytes: 2000 }\n${quickSandbox}` });
    const large = connect(small.url);
    await large.send(JSON.stringify({ ...init, payload: { text: 'x'.repeat(5_000) } }));
    expect((await large.closed).code).toBe(1009);
  });

  it('answers pings, and cuts a connection that answers none', async () => {
    const hand = connect(local.url);
    await hand.send(init);
    await hand.send({ type: 'ping', payload: { a: 1 } });
    expect(await hand.next('pong')).toEqual({ type: 'pong', payload: { a: 1 } });
    hand.socket.close();
    await using impatient = await openGateway({ yaml: `server: { heartbeatMs: 100 }\n${quickSandbox}` });
    const deaf = connect(impatient.url);
    await deaf.send(init);
    await deaf.next('connection_ack');
    (deaf.socket as unknown as { pong: () => void }).pong = () => {};
    expect((await deaf.closed).code).toBe(1006);
    const alive = connect(impatient.url);
    await alive.send(init);
    await alive.next('connection_ack');
    await once(alive.socket, 'ping');
    await once(alive.socket, 'ping');
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
    alive.socket.close();
  });

  it('leaves requests alone that offer HTTP/2', async () => {
    const { hostname, port } = new URL(sandbox.url);
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    const asking = httpRequest({ hostname, port, path: '/healthz', headers });
    asking.end();
    const [response] = await once(asking, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
  });
});

describe('a gateway that stops or reloads', () => {
  it('lets streams end, and closes connections with 1012', async () => {
    const gateway = await startGateway({ yaml: 'sandbox: { firstTokenMs: 50, tokensPerSecond: 100 }\n' });
    const idle = connect(gateway.url);
    await idle.send(init);
    await idle.next('connection_ack');
    const busy = connect(gateway.url);
    await busy.send(init);
    await busy.next('connection_ack');
    await busy.send(subscribe('s', 'openai/gpt-4o'));
    await busy.next('next');
    const stopped = gateway.stop();
    expect((await idle.closed).code).toBe(1012);
    await busy.next('complete');
    const last = busy.messages.findLast(({ type }) => type === 'next') as { payload: { data: { chatStream: object } } };
    expect(last.payload.data.chatStream).toMatchObject({ __typename: 'CompletionFinished' });
    expect((await busy.closed).code).toBe(1012);
    await stopped;
  });

  it('begins nothing new on a connection that waits for a stream to end', async () => {
    await using gateway = await openGateway({ yaml: localProvider(provider.url) });
    const busy = connect(gateway.url);
    await busy.send(init);
    await busy.next('connection_ack');
    await busy.send(subscribe('s', 'local/x'));
    await busy.next('next');
    await gateway.reload();
    await busy.send({ id: 'new', type: 'subscribe', payload: { query: '{ __typename }' } });
    expect(await busy.next('error')).toMatchObject({ id: 'new', payload: [{ extensions: { code: 'OVERLOADED' } }] });
    const seen = busy.messages.length;
    await expect.poll(() => busy.messages.slice(seen).filter(({ id }) => id === 's').length).toBeGreaterThan(3);
    await busy.send({ id: 's', type: 'complete' });
    expect((await busy.closed).code).toBe(1012);
  });

  it('asks idle connections to connect anew', async () => {
    await using gateway = await openGateway({ yaml: quickSandbox });
    const idle = connect(gateway.url);
    await idle.send(init);
    await idle.next('connection_ack');
    await gateway.reload();
    expect((await idle.closed).code).toBe(1012);
    const events = await streamedOverSocket(gateway.url, wholeStream, input('openai/gpt-4o'));
    expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
  });
});
