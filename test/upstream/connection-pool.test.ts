import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createUpstream } from '../../src/upstream/client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A provider that is driven by the test, and a pool of two connections to it. */
async function open() {
  const held: (() => void)[] = [];
  const provider: ProviderServer = await startProvider((_request, response) => {
    held.push(() => sendJson(response, 200, openAiAnswer('Hi')));
  });
  const upstream = createUpstream({ connectMs: 1000, perOrigin: 2, keepAliveMs: 10_000 });
  closers.push(upstream.close, provider.close);
  const connected: number[] = [];
  const ask = async (call: number, signal = new AbortController().signal) => {
    const url = new URL('/v1', provider.url);
    const response = await upstream.send({
      provider: 'acme',
      url,
      headers: {},
      body: '{}',
      signal,
      onConnected: () => connected.push(call),
      waitTimer: { start() {}, stop() {} },
    });
    return response.json();
  };
  const answerNext = () => held.shift()?.();
  return { provider, connected, ask, answerNext };
}

describe('the connection pool of one origin', () => {
  it('reuses connections', async () => {
    const { provider, ask, answerNext } = await open();
    const sockets = new Set();
    for (let call = 0; call < 5; call++) {
      const answer = ask(call);
      await provider.received(call + 1);
      for (const socket of provider.open) sockets.add(socket);
      answerNext();
      await answer;
    }
    // The first connection may not be free yet when the second call arrives.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('reuses the last used first, so that the others can expire', async () => {
    const { provider, ask, answerNext } = await open();
    const [first, second] = [ask(1), ask(2)];
    await provider.received(2);
    answerNext();
    await first;
    answerNext();
    await second;
    for (let call = 3; call <= 6; call++) {
      const answer = ask(call);
      await provider.received(call);
      answerNext();
      await answer;
    }
    const [, last, ...later] = provider.requests.map(({ port }) => port);
    expect(later).toEqual([last, last, last, last]);
  });

  it('has an upper limit: a call beyond it waits, and counts as connected only then', async () => {
    const { provider, connected, ask, answerNext } = await open();
    const answers = [ask(1), ask(2), ask(3)];
    await provider.received(2);
    expect([connected, provider.open.size]).toEqual([[1, 2], 2]);
    answerNext();
    await provider.received(3);
    expect([connected, provider.open.size]).toEqual([[1, 2, 3], 2]);
    answerNext();
    answerNext();
    await Promise.all(answers);
  });

  it('is not blocked by a client that disconnects while waiting', async () => {
    const { provider, connected, ask, answerNext } = await open();
    const leaving = new AbortController();
    const answers = [ask(1), ask(2)];
    await provider.received(2);
    const sockets = [...provider.open];
    const left = ask(3, leaving.signal);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    answerNext();
    answerNext();
    await Promise.all(answers);
    expect([connected, provider.requests.length]).toEqual([[1, 2], 2]);
    // Nor does it open one: existing connections are reused.
    const later = [ask(4), ask(5)];
    await provider.received(4);
    expect([...provider.open]).toEqual(sockets);
    answerNext();
    answerNext();
    await Promise.all(later);
  });

  it('drops closed connections, and opens new ones on demand', async () => {
    const { provider, ask, answerNext } = await open();
    for (let call = 1; call <= 3; call++) {
      const answer = ask(call);
      await provider.received(call);
      answerNext();
      await answer;
      const closed = [...provider.open].map((socket) => once(socket, 'close'));
      for (const socket of provider.open) socket.destroy();
      await Promise.all(closed);
    }
    expect(provider.requests).toHaveLength(3);
  });
});

describe('a stream that is cancelled at its end marker', () => {
  const told = 'data: [DONE]\n\n';

  /** Reads the first batch and cancels; then the provider continues. */
  async function leaveEarly(rest: string) {
    const goOn = Promise.withResolvers<void>();
    const provider = await startProvider(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(told);
      await goOn.promise;
      response.end(rest);
    });
    const upstream = createUpstream({ connectMs: 1000, perOrigin: 1, keepAliveMs: 10_000 });
    closers.push(upstream.close, provider.close);
    const ask = async () => {
      const response = await upstream.send({
        provider: 'acme',
        url: new URL('/v1', provider.url),
        headers: {},
        body: '{}',
        signal: new AbortController().signal,
        onConnected() {},
        waitTimer: { start() {}, stop() {} },
      });
      const events = response.events();
      await events.ready();
      expect(events.poll()).toMatchObject([{ data: '[DONE]' }]);
      events.cancel();
    };
    await ask();
    const [first] = provider.open;
    goOn.resolve();
    await ask();
    return { first, now: [...provider.open], closed: provider.requests[0]?.closed };
  }

  it('returns its connection when little comes after it', async () => {
    const { first, now } = await leaveEarly(': bye\n\n');
    expect(now).toEqual([first]);
  });

  it('closes it when it does not end', async () => {
    const { first, now, closed } = await leaveEarly(': bye\n\n'.repeat(100_000));
    expect(await closed).toEqual(expect.anything());
    expect(now).not.toContain(first);
  });
});
