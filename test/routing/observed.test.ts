import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { CallFailure, type CallOptions } from '../../src/core/gateway.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import type { Upstream } from '../../src/core/ports.ts';
import { hello, type MemorySettings, openMemoryGateway, type Reply, settled } from '../support/memory-gateway.ts';
import { openAiStream } from '../support/provider-server.ts';
import { createRecorder, type Heard } from '../support/recorder.ts';

/** Observer events of a call: each call ends exactly once, however it ends. */

const ask = { model: 'acme/a', messages: hello };

function open(settings: MemorySettings = {}) {
  const recorder = createRecorder({ traceparent: 'a trace' });
  const memory = openMemoryGateway({ ...settings, parts: { ...settings.parts, observer: recorder } });
  const leaving = new AbortController();
  const options: CallOptions = { caller: anonymous, signal: leaving.signal };
  /** The only call. */
  const heard = (): Heard => {
    expect(recorder.calls).toHaveLength(1);
    const [call] = recorder.calls;
    if (!call) throw new Error('Nothing was heard');
    return call;
  };
  return { ...memory, recorder, leaving, options, heard };
}

function never(): Promise<Reply> {
  return new Promise(() => {});
}

/** A stream with content and without an end. */
const [cut = ''] = openAiStream(['Hel', 'lo']).split(/(?<="Hel"}.*\n\n)/);
const waiting = [cut];

describe('a call ends once', () => {
  it('when it is answered', async () => {
    const { gateway, options, heard } = open();
    await gateway.chat(ask, options);
    const { facts, tries, outcomes, streams } = heard();
    expect(facts).toMatchObject({ mode: 'whole', caller: 'anonymous', provider: 'acme', model: 'a', requestId: 'id' });
    expect(tries).toMatchObject([{ target: 'acme/a', attempt: { code: undefined, status: 200 } }]);
    expect(outcomes).toMatchObject([{ code: undefined, provider: 'acme', model: 'a', usage: { inputTokens: 5 } }]);
    expect(streams).toBe(0);
  });

  it('when it is streamed to the end, and its reader does not read further', async () => {
    const { gateway, options, heard, leaving } = open();
    for await (const events of toAsyncIterable(await gateway.stream(ask, options)))
      if (events.at(-1)?.type === 'finished') break;
    leaving.abort();
    expect(heard()).toMatchObject({ streams: 1, outcomes: [{ code: undefined, usage: { outputTokens: 2 } }] });
  });

  it.each([
    ['what it asks is wrong', { ...ask, temperature: 9 }, 'INVALID_REQUEST'],
    ['it is no request at all', 'nonsense', 'INVALID_REQUEST'],
    ['nobody knows the provider', { ...ask, model: 'nobody/a' }, 'UNKNOWN_PROVIDER'],
  ])('when %s', async (_what, input, code) => {
    const { gateway, options, heard } = open();
    await expect(gateway.chat(input, options)).rejects.toBeInstanceOf(CallFailure);
    expect(heard()).toMatchObject({ tries: [], outcomes: [{ code, attempts: [] }] });
  });

  it('after fallbacks, each attempt with its own outcome', async () => {
    const answer = ({ model }: { model: string }): Reply => (model === 'b' ? {} : { status: 500 });
    const { gateway, options, heard } = open({ answer });
    await gateway.chat({ ...ask, fallbacks: ['acme/b'] }, options);
    const { tries, outcomes } = heard();
    expect(tries).toMatchObject([
      { target: 'acme/a', attempt: { code: 'UPSTREAM_ERROR', status: 500 } },
      { target: 'acme/b', attempt: { code: undefined, status: 200 } },
    ]);
    expect(outcomes).toMatchObject([{ model: 'b', attempts: [{ model: 'a' }, { model: 'b' }] }]);
  });

  it('when no target could answer', async () => {
    const { gateway, options, heard } = open({
      answer: () => ({ status: 500 }),
      parts: { retries: { max: 0, baseMs: 1, maxMs: 1, maxRetryAfterMs: 1, budget: { burst: 1, ratio: 0 } } },
    });
    await expect(gateway.stream(ask, options)).rejects.toBeInstanceOf(CallFailure);
    expect(heard()).toMatchObject({ streams: 0, outcomes: [{ code: 'UPSTREAM_ERROR' }] });
  });

  it('when its client disconnects before any content', async () => {
    const { gateway, options, leaving, heard } = open({ answer: never });
    const call = gateway.chat(ask, options).catch(() => {});
    await settled();
    leaving.abort();
    await call;
    expect(heard()).toMatchObject({
      tries: [{ attempt: { code: 'CANCELLED' } }],
      outcomes: [{ code: 'CANCELLED' }],
    });
  });

  it('when its stream breaks off', async () => {
    const { gateway, options, heard } = open({ answer: () => ({ stream: waiting }) });
    const events = (await Array.fromAsync(toAsyncIterable(await gateway.stream(ask, options)))).flat();
    expect(events.at(-1)).toMatchObject({ type: 'failed' });
    expect(heard()).toMatchObject({ streams: 1, outcomes: [{ code: 'UPSTREAM_TRUNCATED' }] });
  });

  it('when its stream is never read, and its client disconnects', async () => {
    const { gateway, options, leaving, heard } = open();
    await gateway.stream(ask, options);
    expect(heard().outcomes).toEqual([]);
    leaving.abort();
    expect(heard()).toMatchObject({ tries: [{ attempt: { code: 'CANCELLED' } }], outcomes: [{ code: 'CANCELLED' }] });
  });

  it('when its client disconnects at the moment at which its stream begins', async () => {
    const { gateway, options, leaving, heard, recorder, clock } = open();
    const { begin } = recorder;
    recorder.begin = (facts) => {
      const call = begin(facts);
      return { ...call, firstContent: () => leaving.abort() };
    };
    const stream = await gateway.stream(ask, options);
    expect(heard().outcomes).toMatchObject([{ code: 'CANCELLED' }]);
    expect(stream.poll()).toMatchObject([{ type: 'failed', error: { code: 'CANCELLED' } }]);
    expect(stream.poll()).toBe('done');
    expect(clock.waiting).toBe(0);
  });

  it('when its stream is dropped unread, or in the middle', async () => {
    for (const reads of [0, 1]) {
      const { gateway, options, leaving, heard, clock } = open({ answer: () => ({ stream: waiting }) });
      const stream = await gateway.stream({ ...ask, requestId: 'mine' }, options);
      for (let read = 0; read < reads; read++) expect(stream.poll()).toMatchObject([{ type: 'started' }, {}]);
      stream.cancel();
      leaving.abort();
      expect(heard()).toMatchObject({ facts: { requestId: 'mine' }, outcomes: [{ code: 'CANCELLED' }] });
      // Everything is released: no deadline, no timeouts.
      expect(clock.waiting).toBe(0);
    }
  });

  it('when its stream is not read until all timeouts have passed', async () => {
    const { gateway, options, heard, clock } = open();
    await gateway.stream(ask, options);
    clock.pass(600_000);
    expect(heard().outcomes).toMatchObject([{ code: 'UPSTREAM_TIMEOUT' }]);
  });
});

describe('the headers of an attempt', () => {
  it('include those of observers, beside the key', async () => {
    const sent: Readonly<Record<string, string>>[] = [];
    const memory = open({
      providers: { acme: ['k1'] },
      answer: ({ headers }) => {
        sent.push(headers);
        return {};
      },
    });
    await memory.gateway.chat(ask, memory.options);
    expect(sent).toEqual([{ traceparent: 'a trace', authorization: 'Bearer k1' }]);
  });
});

describe('the overhead of a call', () => {
  it('excludes the waits for the provider, the backoff and the reader', async () => {
    let asked = 0;
    const { gateway, options, pass, clock } = open({
      answer: async () => {
        asked += 1;
        await new Promise<void>((resolve) => clock.after(700, resolve));
        return asked === 1 ? { status: 500 } : {};
      },
    });
    const call = gateway.stream(ask, options);
    // 700 for each of two attempts, and 250 between them: chance is one half, and the upper bound 500.
    await pass(1650);
    const stream = await call;
    const events = [];
    for await (const batch of toAsyncIterable(stream)) {
      events.push(...batch);
      clock.pass(400);
    }
    expect(events[0]).toMatchObject({ type: 'started', timeToFirstTokenMs: 1650, overheadMs: 0 });
    const finished = events.at(-1);
    expect(finished).toMatchObject({ type: 'finished', timeToFirstTokenMs: 1650, overheadMs: 0 });
  });

  it("is the gateway's own work meanwhile", async () => {
    const { clock, options } = open();
    // Writing the request takes 30 ms, and the provider breaks off after 70.
    const upstream: Upstream = {
      close: async () => {},
      async send({ waitTimer }) {
        clock.pass(30);
        waitTimer.start();
        clock.pass(70);
        waitTimer.stop();
        throw new GatewayError('UPSTREAM_REJECTED', 'No.');
      },
    };
    const { gateway } = open({ parts: { clock, upstream } });
    await expect(gateway.chat(ask, options)).rejects.toMatchObject({ failure: { latencyMs: 100, overheadMs: 30 } });
  });
});
