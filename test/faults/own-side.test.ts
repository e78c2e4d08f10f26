import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { localProvider } from '../support/gateway.ts';
import { exitOf, type GatewayProcess, inShell, launch, order, startGateway } from '../support/gateway-process.ts';
import {
  chat,
  query,
  type StreamEvent,
  sseClient,
  streamed,
  wholeChat,
  wholeStream,
} from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { openSocket } from '../support/raw-http.ts';
import { post } from '../support/rest-client.ts';

/** Failures on the gateway's side: machine, process, log, and clients that disconnect at awkward moments. */

const hello = { messages: [{ role: 'USER', content: 'A canary of a prompt' }] };
const content = (text: string) =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: text } }] })}\n\n`;
const finish = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;

/** "quick" answers, "slow" writes a word every 50 ms, thirty times, "busy" asks for a retry later, others stay silent. */
let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['model'] === 'busy') return sendJson(response, 503, {}, { 'retry-after': '5' });
    if (body['model'] === 'quick' && !body['stream']) return sendJson(response, 200, openAiAnswer('Hi'));
    if (body['model'] !== 'quick' && body['model'] !== 'slow') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(content('a'));
    if (body['model'] === 'quick') return void response.end(finish);
    let words = 0;
    const talk = setInterval(() => {
      response.write(content('a'));
      words += 1;
      if (words === 30) response.end(finish);
    }, 50);
    response.once('close', () => clearInterval(talk));
  });
});
afterAll(() => provider.close());

let gateway: GatewayProcess;
afterEach(async () => {
  await gateway.stop();
  expect(gateway.output()).not.toMatch(/canary|unhandled|"level":50|\n\s+at /i);
});

const isWell = async (model = 'local/quick') =>
  expect(await chat(gateway.url, { ...hello, model })).toMatchObject({ __typename: 'Completion', text: 'Hi' });
const metric = async (name: string) => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const rows = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'gm'));
  return [...rows].reduce((sum, [, value]) => sum + Number(value), 0);
};

describe('a client that disconnects', () => {
  const leaving = ['GraphQL', 'REST'].flatMap((face) => [[face, true] as const, [face, false] as const]);
  /** Waits until the gateway has the call, and disconnects. */
  async function askAndLeave(model: string, isReached: () => boolean | Promise<boolean>): Promise<void> {
    for (const [face, whole] of leaving) {
      const controller = new AbortController();
      const { signal } = controller;
      const before = await metric('parley_active_requests');
      const asking =
        face === 'REST'
          ? post(gateway.url, { ...hello, messages: [{ role: 'user', content: 'x' }], model, stream: !whole }, signal)
          : fetch(`${gateway.url}/graphql`, {
              method: 'POST',
              headers: {
                'content-type': 'application/json',
                accept: whole ? 'application/json' : 'text/event-stream',
              },
              body: JSON.stringify({
                query: whole ? wholeChat : wholeStream,
                variables: { input: { ...hello, model } },
              }),
              signal,
            });
      asking.catch(() => {});
      await expect.poll(() => metric('parley_active_requests')).toBe(before + 1);
      await expect.poll(isReached).toBe(true);
      controller.abort();
      await expect.poll(() => metric('parley_active_requests')).toBe(before);
    }
  }

  it('while its call waits for a free connection ends the wait', async () => {
    gateway = await startGateway({
      yaml: localProvider(provider.url, 'connections: { perOrigin: 1 }\ntimeouts: { connectMs: 60000 }\n'),
    });
    const holds = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: wholeChat, variables: { input: { ...hello, model: 'local/silent' } } }),
    }).catch(() => {});
    const asked = provider.requests.length;
    await provider.received(asked + 1);
    await askAndLeave('local/quick', () => true);
    expect(provider.requests).toHaveLength(asked + 1);
    gateway.child.kill('SIGKILL');
    await holds;
  });

  it('while a connection is being opened ends the wait', async () => {
    // It accepts connections and stays silent: the TLS handshake never ends.
    const silent = await startFaultServer(
      () => [],
      () => ['stall'],
    );
    gateway = await startGateway({
      yaml: localProvider(silent.url.replace('http:', 'https:'), 'timeouts: { connectMs: 60000 }\n'),
    });
    await askAndLeave('local/x', () => silent.open.size > 0);
    gateway.child.kill('SIGKILL');
    await silent[Symbol.asyncDispose]();
  });

  it('during a backoff ends the call without another attempt', async () => {
    const yaml = localProvider(provider.url).replace('max: 0', 'max: 2');
    gateway = await startGateway({ yaml });
    const asked = provider.requests.length;
    let times = 0;
    await askAndLeave('local/busy', () => provider.requests.length > asked + times && ++times > 0);
    expect(provider.requests).toHaveLength(asked + leaving.length);
  });

  it('with half of its body sent costs nothing', async () => {
    gateway = await startGateway({ yaml: localProvider(provider.url) });
    const asked = provider.requests.length;
    for (const path of ['/graphql', '/v1/chat/completions']) {
      const socket = openSocket(gateway.url);
      await once(socket, 'connect');
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"model":`,
      );
      await expect.poll(() => metric('parley_active_requests')).toBe(0);
      socket.resetAndDestroy();
    }
    await isWell();
    expect(provider.requests).toHaveLength(asked + 1);
  });
});

describe('a process that stalls for two seconds', () => {
  const patience = `timeouts: { connectMs: 900, headersMs: 900, responseMs: 1900, firstContentMs: 900, idleMs: 900, keepAliveOnlyMs: 5000 }\n`;

  it('continues its streams: data that arrived in time does not count as idle', async () => {
    gateway = await startGateway({ yaml: localProvider(provider.url, patience), isPuppet: true });
    const streams = Array.from({ length: 10 }, () => streamed(gateway.url, { ...hello, model: 'local/slow' }));
    const asked = provider.requests.length;
    await provider.received(asked + 10);
    const wholes = Array.from({ length: 10 }, () => chat(gateway.url, { ...hello, model: 'local/quick' }));
    await order(gateway, { type: 'block', ms: 2_000 });
    for (const events of await Promise.all(streams)) {
      expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
      expect(events.map((event) => event['text'] ?? '').join('')).toBe('a'.repeat(31));
    }
    for (const answer of await Promise.all(wholes)) expect(answer.__typename).toBe('Completion');
    await isWell();
  });
});

describe('a time of day that jumps', () => {
  const day = 24 * 60 * 60_000;
  const web = callerKey('web', 'limits: { requestsPerMinute: 3 }');

  it.each([
    ['a day ahead', day],
    ['a day back', -day],
  ])('%s breaks no call, running or new, and keeps nobody waiting for longer than it has to', async (_what, ms) => {
    gateway = await startGateway({
      yaml: `${localProvider(provider.url)}${callersYaml(web, callerKey('ops', 'admin: true'))}`,
      isPuppet: true,
    });
    const ask = async (): Promise<StreamEvent> => {
      const { data } = await query(gateway.url, wholeChat, { input: { ...hello, model: 'local/quick' } }, web.key);
      return data?.['chat'] as StreamEvent;
    };
    const events: StreamEvent[] = [];
    const running = sseClient(gateway.url, web.key).iterate<{ chatStream: StreamEvent }>({
      query: wholeStream,
      variables: { input: { ...hello, model: 'local/slow' } },
    });
    for await (const { data } of running) {
      if (!data) throw new Error('An event has data');
      events.push(data.chatStream);
      if (events.length === 3) await order(gateway, { type: 'jump', ms });
    }
    expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
    expect(events.at(-1)?.['latencyMs']).toBeLessThan(20_000);

    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers[0]).toMatchObject({ __typename: 'Completion' });
    for (const answer of answers.slice(1)) {
      if (answer.__typename === 'Completion') continue;
      expect(answer).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      expect(answer['retryAfterMs']).toBeGreaterThan(0);
      expect(answer['retryAfterMs']).toBeLessThanOrEqual(60_000);
    }
    expect(answers.at(-1)?.__typename).toBe('ChatFailure');
  });
});

describe('a process without file descriptors', () => {
  it('reports it or accepts no connection, opens no breaker, and recovers', async () => {
    gateway = await startGateway({
      yaml: `providers:\n  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }\nretries: { max: 0 }\n`,
      through: inShell('ulimit -n 60;'),
    });
    const callers = Array.from({ length: 60 }, () =>
      streamed(gateway.url, { ...hello, model: 'local/slow' }).then(
        (events) => String(events.at(-1)?.['code'] ?? 'OK'),
        () => 'no connection',
      ),
    );
    const outcomes = new Set(await Promise.all(callers));
    expect(gateway.child.exitCode).toBeNull();
    expect(outcomes).toContain('no connection');
    expect(outcomes).toContain('UPSTREAM_UNREACHABLE');
    expect(outcomes).not.toContain('UPSTREAM_UNAVAILABLE');
    // Callers keep their connections for a while.
    await expect
      .poll(() => chat(gateway.url, { ...hello, model: 'local/quick' }), { timeout: 15_000 })
      .toMatchObject({ __typename: 'Completion' });
    expect(gateway.output()).not.toContain('A breaker opened');
  });

  it('closes idle connections of clients when none is left for a provider', async () => {
    gateway = await startGateway({
      yaml: `providers:\n  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }\nretries: { max: 0 }\n`,
      through: inShell('ulimit -n 60;'),
    });
    const clients: Client[] = [];
    try {
      // One more connection than the gateway can accept: the others stay open and idle.
      for (let isOpen = true; isOpen && clients.length < 60; ) {
        const client = new Client(gateway.url, { keepAliveTimeout: 60_000 });
        clients.push(client);
        isOpen = await client.request({ path: '/livez', method: 'GET', signal: AbortSignal.timeout(1_000) }).then(
          ({ body }) => body.dump().then(() => true),
          () => false,
        );
      }
      expect(clients.length).toBeLessThan(60);
      const ask = async () => {
        const body = JSON.stringify({ model: 'local/quick', messages: [{ role: 'user', content: 'Hello' }] });
        const headers = { 'content-type': 'application/json' };
        const [client] = clients as [Client];
        const answer = await client.request({ path: '/v1/chat/completions', method: 'POST', headers, body });
        const told = (await answer.body.json()) as { error?: { code: string } };
        return [answer.statusCode, told.error?.code];
      };
      expect(await ask()).toEqual([502, 'upstream_unreachable']);
      await expect.poll(ask, { timeout: 5_000 }).toEqual([200, undefined]);
    } finally {
      await Promise.all(clients.map((client) => client.destroy()));
    }
  });
});

describe('a log that cannot be written', () => {
  async function freePort(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    return String(typeof address === 'object' && address ? address.port : 0);
  }

  it.each([
    ['because the disk is full', 'exec >/dev/full;', /^The log cannot be written \(ENOSPC\)\. .*\n$/],
    ['because nobody is there to read it', 'exec >&-;', /^(The log cannot be written \(E\w+\)\. .*\n)?$/],
    ['and no word about it either', 'exec >/dev/full 2>/dev/full;', /^$/],
  ])(
    '%s stops neither the gateway nor its end',
    async (_why, first, told) => {
      const port = await freePort();
      const { child, output, folder } = launch({
        yaml: localProvider(provider.url),
        env: { PORT: port },
        through: inShell(first),
      });
      gateway = { url: `http://127.0.0.1:${port}`, folder, child, output, stop: async () => child.exitCode };
      const isUp = () =>
        fetch(`${gateway.url}/healthz`).then(
          ({ status }) => status,
          () => 0,
        );
      await expect.poll(isUp, { timeout: 10_000 }).toBe(200);
      for (let index = 0; index < 20; index++) await isWell();
      expect(await isUp()).toBe(200);
      const ended = exitOf(child);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(output()).toMatch(told);
    },
    40_000,
  );
});
