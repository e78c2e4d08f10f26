import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpstreamResponse } from '../../src/core/ports.ts';
import { createUpstream } from '../../src/upstream/client.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** Whole bodies, as providers and proxies send them. */

const bodies: Readonly<Record<string, string>> = {
  '/good': '{"id":"c-1"}',
  // DeepSeek sends empty lines for as long as a request waits in its queue.
  '/late': '\n\n\r\n\n{"id":"c-1"}\n',
  '/empty': '',
  '/blank': '\n\n',
  '/page': '<html><body>It works, canary!</body></html>',
  '/cut': '{"id":"c-1","choices":[{"message":{"content":"canary',
};

let provider: ProviderServer;
const upstream = createUpstream({ connectMs: 1000, perOrigin: 10, keepAliveMs: 1000 });
beforeAll(async () => {
  provider = await startProvider(({ path }, response) => {
    if (path === '/silent') return void response.writeHead(200).write('data: a\n\n');
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bodies[path]);
  });
});
afterAll(async () => {
  await upstream.close();
  await provider.close();
});

function send(path: string): Promise<UpstreamResponse> {
  return upstream.send({
    provider: 'acme',
    url: new URL(path, provider.url),
    headers: {},
    body: '{}',
    signal: AbortSignal.timeout(5000),
    onConnected() {},
    waitTimer: { start() {}, stop() {} },
  });
}

async function ask(path: string): Promise<unknown> {
  return (await send(path)).json();
}

describe('a whole body', () => {
  it.each(['/good', '/late'])('is JSON (%s), whatever type it claims', async (path) => {
    expect(await ask(path)).toEqual({ id: 'c-1' });
  });

  it.each([
    ['/empty', 'an empty body'],
    ['/blank', 'an empty body'],
    ['/page', 'something that is not JSON'],
    ['/cut', 'something that is not JSON'],
  ])('that is not (%s) is UPSTREAM_MALFORMED, and is not quoted', async (path, what) => {
    const failure = { code: 'UPSTREAM_MALFORMED', retryable: true, message: expect.stringContaining(what) };
    const failed = ask(path);
    await expect(failed).rejects.toMatchObject(failure);
    await expect(failed).rejects.not.toHaveProperty('message', expect.stringContaining('canary'));
  });
});

it('rejects for every waiter when it is cancelled', async () => {
  const events = (await send('/silent')).events();
  while (events.poll() === 'pending') await events.ready();
  expect(events.poll()).toBe('pending');
  const waiting = events.ready();
  events.cancel();
  await waiting;
});

it('closes the connection when it is too large', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, ' ');
  const endless = await startProvider((_request, response) => {
    response.writeHead(200);
    const write = () => {
      while (!response.destroyed && response.write(megabyte));
    };
    response.on('drain', write);
    write();
  });
  const { signal } = new AbortController();
  const waitTimer = { start() {}, stop() {} };
  const asked = {
    provider: 'acme',
    url: new URL(endless.url),
    headers: {},
    body: '{}',
    signal,
    onConnected() {},
    waitTimer,
  };
  await expect((await upstream.send(asked)).json()).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
  await endless.requests[0]?.closed;
  // Of an error body only the beginning is read.
  expect(await (await upstream.send(asked)).text()).toHaveLength(1_000_000);
  await endless.requests[1]?.closed;
  await endless.close();
});
