import { randomUUID } from 'node:crypto';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { LightAbortController } from '../../src/core/abort.ts';
import { anonymous } from '../../src/core/caller.ts';
import type { ChatEvent } from '../../src/core/completion.ts';
import { forEachBatch } from '../../src/core/poll-stream.ts';
import { createKeptStreams } from '../../src/resume/kept-streams.ts';
import { Session } from '../../src/routing/session.ts';
import { localProvider, openGateway } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';
import { openAiStream, sendStream, startProvider } from '../support/provider-server.ts';
import { attempt } from '../support/resuming-client.ts';
import { toSource } from '../support/to-poll-stream.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of heap that a kept stream takes besides its text. */
const allowance = 2_048;

const log = { info() {}, warn() {}, error() {} };
const settings = { graceMs: 60_000, keepMs: 60_000, totalBytes: 1e9 };

it('a kept stream takes its text and at most 2 KB', async () => {
  const keeper = createKeptStreams({ clock: systemClock, log, newId: randomUUID, observe() {}, shared: undefined });
  const caller = { ...anonymous, keep: { allow: ['finish' as const], maxStreams: 10_000, maxBytes: 1e9 } };
  const keep = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const call = { caller, policy: 'finish' as const, requestId: undefined, provider: 'acme', model: 'm' };
      const { signal } = new AbortController();
      const stream = await keeper.open({
        callId: undefined,
        isAdmitted: () => true,
        ...{ ...call, signal, settings },
        start: async ({ streamId }) => toSource(answer(streamId)),
      });
      await forEachBatch(stream, () => undefined);
    }
  };
  await keep(100);
  const before = await heap();
  await keep(500);
  const perStream = ((await heap()) - before) / 500;
  console.log(`a kept stream: ${Math.round(perStream)} bytes, of which ${words.join('').length} are text`);
  expect(perStream).toBeLessThan(words.join('').length + allowance);
  expect(await keeper.list(caller)).toHaveLength(600);
  await keeper.close();
});

const words = Array.from({ length: 2_000 }, (_, index) => `word${index % 10} `);

/** The events of an answer, one batch each, as from a provider. */
async function* answer(streamId: string): AsyncGenerator<readonly ChatEvent[]> {
  const [provider, model] = ['acme', `m-${streamId.length}`];
  const attempts = [{ provider, model, key: 'acme#1', code: undefined, status: 200, durationMs: 12 }];
  const timing = { latencyMs: 812, timeToFirstTokenMs: 120, overheadMs: 0.4 };
  const head = { id: `chatcmpl-${streamId}`, provider, model, created: new Date(), isSandbox: false };
  yield [{ type: 'started', streamId, ...head, timeToFirstTokenMs: 120, overheadMs: 0.3 }];
  for (const word of words) yield [{ type: 'content', text: JSON.parse(JSON.stringify(word)) }];
  const counts = { inputTokens: 10, outputTokens: 2_000, totalTokens: 2_010 };
  const cached = {
    cacheReadInputTokens: undefined,
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: undefined,
  };
  const price = { currency: 'USD' as const, priceSource: 'catalogue', pricedAt: '2026-11' };
  yield [
    {
      ...{ type: 'finished', finishReason: 'stop', rawFinishReason: 'stop', refusal: undefined, citations: [] },
      ...{ usage: { ...counts, ...cached }, providerState: undefined, warnings: [], attempts, ...timing },
      cost: { total: 0.1, input: 0.05, output: 0.05, ...price },
    },
  ];
}

it('a kept stream holds nothing of its request and its connections', async () => {
  const provider = await startProvider((_request, response) => sendStream(response, openAiStream(words)));
  await using gateway = await openGateway({ yaml: localProvider(provider.url) });
  const document = 'subscription ($i: ChatInput!) { chatStream(input: $i) { __typename } }';
  const input = { model: 'local/m', messages: [{ role: 'USER', content: 'Hello' }], onDisconnect: 'FINISH' };
  const count = (type: unknown) => queryObjects(type as never, { format: 'count' });
  // Files before this one, in the same process, may have left some.
  await heap();
  const before = [count(Session), count(LightAbortController)];
  for (let index = 0; index < 10; index++) {
    await attempt({ url: gateway.url, path: '/graphql', body: { query: document, variables: { i: input } } });
  }
  await heap();
  expect(count(Session)).toBeLessThanOrEqual(before[0] ?? 0);
  expect(count(LightAbortController)).toBeLessThanOrEqual(before[1] ?? 0);
  const { data } = await query(gateway.url, '{ chatStreams { status } }');
  expect(data?.['chatStreams']).toHaveLength(10);
  await provider.close();
});

async function heap(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

it('a caller keeps at most maxStreams running ones, and ended ones make room', async () => {
  const observed: string[] = [];
  const keeper = createKeptStreams({
    clock: systemClock,
    log,
    newId: randomUUID,
    observe: (event) => void observed.push(event),
    shared: undefined,
  });
  const caller = { ...anonymous, keep: { allow: ['finish' as const], maxStreams: 2, maxBytes: 1_000_000 } };
  const endings: (() => void)[] = [];
  const open = () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    endings.push(resolve);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    return keeper.open({
      callId: undefined,
      isAdmitted: () => true,
      ...{ caller, policy: 'finish', requestId: undefined, provider: 'acme', model: 'm' },
      signal: new AbortController().signal,
      settings,
      async start({ checkRoom }) {
        checkRoom();
        return { poll: () => (isOver ? 'done' : 'pending'), ready: () => ended, cancel() {} };
      },
    });
  };
  await open();
  await open();
  await expect(open()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(await keeper.list(caller)).toHaveLength(2);
  await keeper.close();
});
