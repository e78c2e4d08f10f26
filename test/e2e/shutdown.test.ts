import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { localProvider } from '../support/gateway.ts';
import { exitOf, type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { chat, streamed, wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openAiStream, type ProviderServer, startProvider } from '../support/provider-server.ts';
import { openSocket } from '../support/raw-http.ts';

/** Graceful shutdown: every stream ends with a terminal event, and the drain has a limit. */

type Scene = AsyncDisposable & {
  readonly provider: ProviderServer;
  readonly gateway: GatewayProcess;
  /** Lets "done" end. */
  finish(): void;
};

/**
 * "silent" never answers, "headers" sends headers only, "endless" streams until it is cancelled, "flood" does so at full speed,
 * "done" ends when the test says so.
 */
async function open(graceMs: number, env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const finish = Promise.withResolvers<void>();
  const provider = await startProvider(async ({ body }, response) => {
    const { model } = body;
    if (model === 'silent') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    if (model === 'headers') return;
    const [start = '', word = '', ...rest] = openAiStream(['word ']).split(/(?<=\n\n)/);
    response.write(start + word);
    if (model === 'done') return void finish.promise.then(() => response.end(rest.join('')));
    const more = model === 'flood' ? word.replace('word', 'word'.repeat(50_000)) : word;
    const talk = setInterval(() => response.writableNeedDrain || response.write(more), model === 'flood' ? 20 : 250);
    response.once('close', () => clearInterval(talk));
  });
  const gateway = await startGateway({
    yaml: localProvider(provider.url, `server: { shutdownGraceMs: ${graceMs}, writeTimeoutMs: 60000 }\n`),
    env,
  });
  return {
    provider,
    gateway,
    finish: finish.resolve,
    async [Symbol.asyncDispose]() {
      gateway.child.kill('SIGKILL');
      await provider.close();
    },
  };
}

type Face = 'GraphQL' | 'REST';
type Asked = { readonly model: string; readonly face: Face; readonly whole?: boolean };

/** Sends a request over a new connection; resolves with the response head. */
function ask({ url }: GatewayProcess, { model, face, whole = false }: Asked): Promise<IncomingMessage> {
  const asked = { model: `local/${model}`, messages: [{ role: face === 'REST' ? 'user' : 'USER', content: 'Hello' }] };
  const [path, body] =
    face === 'REST'
      ? ['/v1/chat/completions', { ...asked, stream: !whole }]
      : ['/graphql', { query: whole ? wholeChat : wholeStream, variables: { input: asked } }];
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/json', accept: whole ? '*/*' : 'text/event-stream' };
  return new Promise((resolve, reject) => {
    const asking = httpRequest({ hostname, port, path, method: 'POST', agent: false, headers });
    asking.once('response', resolve).once('error', reject);
    asking.end(JSON.stringify(body));
  });
}

/** Everything up to a regular end: a connection that is cut rejects. */
async function readAll(response: IncomingMessage | undefined): Promise<string> {
  if (!response) throw new Error('There is no answer');
  return (await response.setEncoding('utf8').toArray()).join('');
}

/** The terminal event, and the text before it. */
function endOf(text: string, face: Face): { readonly code: string | undefined; readonly words: number } {
  const words = text.split('word ').length - 1;
  if (face === 'REST') {
    const isDone = text.endsWith('data: [DONE]\n\n');
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? (text.includes('"finish_reason":"stop"') ? 'OK' : undefined);
    return { code: isDone ? code : undefined, words };
  }
  const [last = ''] = text.match(/"(CompletionFinished|CompletionFailed)".*/) ?? [];
  const code = last.startsWith('"CompletionFinished"') ? 'OK' : /"code":"(\w+)"/.exec(last)?.[1];
  return { code: text.includes('event: complete') ? code : undefined, words };
}

async function stopping({ child, output }: GatewayProcess): Promise<number> {
  const startedAt = performance.now();
  child.kill('SIGTERM');
  while (!output().includes('Stopping')) await once(child.stdout ?? child, 'data');
  return startedAt;
}

/** Far below the streams' own end (a minute), and far above what a busy machine takes. */
const soonMs = 10_000;
const faces: readonly Face[] = ['GraphQL', 'REST'];

describe('graceful shutdown', () => {
  it('ends 500 streams with a terminal event each, and exits with status 0 soon after its grace time', async () => {
    const graceMs = 1_000;
    await using scene = await open(60_000, { PARLEY_SHUTDOWN_GRACE_MS: String(graceMs) });
    const { gateway, provider } = scene;
    const asked = Array.from(
      { length: 500 },
      (_, index): Asked => ({
        model: 'endless',
        face: index % 2 ? 'REST' : 'GraphQL',
      }),
    );
    const responses = await Promise.all(asked.map((one) => ask(gateway, one)));
    const ends = responses.map(async (response, index) => endOf(await readAll(response), asked[index]?.face ?? 'REST'));
    await provider.received(500);
    const startedAt = await stopping(gateway);

    for (const end of await Promise.all(ends)) {
      expect(end.code?.toUpperCase()).toBe('SHUTTING_DOWN');
      expect(end.words).toBeGreaterThan(0);
    }
    expect(await exitOf(gateway.child)).toBe(0);
    const took = performance.now() - startedAt;
    console.log(`500 streams: ended ${(took - graceMs).toFixed(0)} ms after a grace time of ${graceMs} ms`);
    expect(took).toBeGreaterThan(graceMs);
    expect(took).toBeLessThan(graceMs + soonMs);
    // Each call was counted with the outcome that its caller saw.
    expect(gateway.output().match(/"code":"SHUTTING_DOWN"/g)).toHaveLength(500);
  });

  it('notifies waiting clients in each phase, and is not delayed by unread streams', async () => {
    await using scene = await open(300);
    const { gateway, provider } = scene;
    const waits: readonly Omit<Asked, 'face'>[] = [
      { model: 'silent' },
      { model: 'headers' },
      { model: 'silent', whole: true },
    ];
    const asked = waits.map((wait) => faces.map((face) => ask(gateway, { ...wait, face })));
    const unread = await Promise.all(faces.map((face) => ask(gateway, { model: 'flood', face })));
    for (const response of unread) response.pause().on('error', () => {});
    await provider.received(8);
    const startedAt = await stopping(gateway);
    for (const [graphql, rest] of await Promise.all(asked.map((both) => Promise.all(both)))) {
      expect(await readAll(graphql)).toMatch(/"(ChatFailure|CompletionFailed)","code":"SHUTTING_DOWN"/);
      expect(rest?.statusCode).toBe(503);
      expect(await readAll(rest)).toContain('"code":"shutting_down"');
    }
    expect(await exitOf(gateway.child)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(300 + soonMs);
    for (const response of unread) response.destroy();
  });

  it('refuses new calls, lets running ones finish in time, and then exits at once', async () => {
    await using scene = await open(60_000);
    const { gateway, provider } = scene;
    const responses = await Promise.all(faces.map((face) => ask(gateway, { model: 'done', face })));
    await stopping(gateway);
    const ready = await fetch(`${gateway.url}/readyz`);
    expect([ready.status, await ready.json(), ready.headers.get('connection')]).toEqual([
      503,
      { status: 'stopping' },
      'close',
    ]);
    const input = { model: 'local/endless', messages: [{ role: 'USER', content: 'Hello' }] };
    const refused = { code: 'SHUTTING_DOWN', retryable: true, retryAfterMs: 1_000, attempts: [] };
    expect(await chat(gateway.url, input)).toMatchObject({ __typename: 'ChatFailure', ...refused });
    expect(await streamed(gateway.url, input)).toEqual([
      expect.objectContaining({ __typename: 'CompletionFailed', ...refused }),
    ]);
    const rest = await ask(gateway, { model: 'endless', face: 'REST' });
    expect([rest.statusCode, rest.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(await readAll(rest)).error).toMatchObject({
      code: 'shutting_down',
      x_parley: { retryable: true },
    });
    expect(provider.requests).toHaveLength(2);

    scene.finish();
    const ends = await Promise.all(
      responses.map(async (response, index) => endOf(await readAll(response), faces[index] ?? 'REST')),
    );
    expect(ends).toEqual(faces.map(() => ({ code: 'OK', words: 1 })));
    expect(await exitOf(gateway.child)).toBe(0);
  });

  it('exits at once without running requests, despite idle connections and half-sent requests', async () => {
    await using scene = await open(60_000);
    const { gateway } = scene;
    const idle = await fetch(`${gateway.url}/healthz`);
    expect(idle.headers.get('connection')).toBe('keep-alive');
    const half = openSocket(gateway.url);
    await once(half, 'connect');
    half.write(
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    // The disconnect is detected before a later request is answered.
    await fetch(`${gateway.url}/healthz`);
    const startedAt = await stopping(gateway);
    expect(await exitOf(gateway.child)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(soonMs);
    half.destroy();
  });

  it('is not delayed by a log reader that stopped', async () => {
    await using scene = await open(60_000);
    const { child, url } = scene.gateway;
    child.stdout?.pause();
    const ask = () => chat(url, { model: 'nobody/x', messages: [{ role: 'USER', content: 'Hello' }] });
    // More than a pipe buffers.
    for (let times = 0; times < 40; times++) await Promise.all(Array.from({ length: 25 }, ask));
    const startedAt = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(soonMs);
  });
});
