import { describe, expect, it } from 'vitest';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { createAttemptTimeouts, createTimeoutResolver, withDeadline } from '../../src/routing/timeouts.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { toSource } from '../support/to-poll-stream.ts';

const timeouts = {
  connectMs: 50,
  headersMs: 300,
  responseMs: 2000,
  firstContentMs: 1000,
  idleMs: 100,
  keepAliveOnlyMs: 500,
  totalMs: 5000,
};

function tried() {
  const clock = createFakeClock();
  const caller = new AbortController();
  return { clock, caller, attempt: createAttemptTimeouts('acme', caller.signal, clock, timeouts) };
}

/** A provider that is driven by the test. */
function provider() {
  const pending: ((batch: readonly string[]) => void)[] = [];
  async function* batches() {
    for (;;) yield await new Promise<readonly string[]>((resolve) => pending.push(resolve));
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    batches: toSource(batches()),
    async say(...batch: string[]) {
      await settle();
      pending.shift()?.(batch);
      await settle();
    },
  };
}

describe('timeouts with a provider', () => {
  it('ends when no first content arrives, and not after it did', () => {
    const [late, early] = [tried(), tried()];
    late.attempt.start('firstContent');
    const came = early.attempt.start('firstContent');
    early.clock.pass(999);
    came();
    early.clock.pass(1000);
    late.clock.pass(1000);
    expect(early.attempt.signal.aborted).toBe(false);
    expect(late.attempt.signal.reason).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'acme sent no content within 1000 ms.',
    });
  });

  it.each([
    ['connect', 50, 'gave no connection'],
    ['headers', 300, 'sent no response headers'],
    ['response', 2000, 'sent no whole answer'],
  ] as const)('ends when "%s" takes longer than %i ms', (phase, limit, told) => {
    const { clock, attempt } = tried();
    attempt.start(phase);
    clock.pass(limit - 1);
    expect(attempt.signal.aborted).toBe(false);
    clock.pass(1);
    expect(attempt.signal.reason).toMatchObject({ message: `acme ${told} within ${limit} ms.` });
  });

  it('ends when a stream is idle', async () => {
    const { clock, attempt } = tried();
    const { batches, say } = provider();
    const watched = toAsyncIterable(attempt.withIdleTimeout(batches));
    const first = watched.next();
    clock.pass(99);
    await say('Hel');
    expect((await first).value).toEqual(['Hel']);
    void watched.next();
    clock.pass(99);
    expect(attempt.signal.aborted).toBe(false);
    clock.pass(1);
    expect(attempt.signal.reason).toMatchObject({ message: 'acme sent nothing for 100 ms.' });
  });

  it('is longer for a provider that sends pings, and limited there too', async () => {
    const { clock, attempt } = tried();
    const { batches, say } = provider();
    const watched = toAsyncIterable(attempt.withIdleTimeout(batches));
    for (let ping = 0; ping < 5; ping++) {
      const next = watched.next();
      clock.pass(90);
      await say();
      expect((await next).value).toEqual([]);
    }
    void watched.next();
    clock.pass(49);
    expect(attempt.signal.aborted).toBe(false);
    clock.pass(1);
    expect(attempt.signal.reason).toMatchObject({ message: 'acme sent nothing but keep-alive events for 500 ms.' });
  });

  it('is paused while the reader is slow', async () => {
    const { clock, attempt } = tried();
    const { batches, say } = provider();
    const watched = toAsyncIterable(attempt.withIdleTimeout(batches));
    const first = watched.next();
    await say('Hel');
    await first;
    clock.pass(60_000);
    expect(attempt.signal.aborted).toBe(false);
    expect(clock.waiting).toBe(0);
  });

  it('ends with the call', () => {
    const { caller, attempt } = tried();
    caller.abort();
    expect(attempt.signal.aborted).toBe(true);
  });
});

describe('the deadline of a call', () => {
  it('covers all its attempts, and stops with the call', () => {
    const clock = createFakeClock();
    const running = withDeadline(new AbortController().signal, clock, timeouts);
    const over = withDeadline(new AbortController().signal, clock, timeouts);
    over.stop();
    clock.pass(5000);
    expect(over.signal.aborted).toBe(false);
    expect(running.signal.reason).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'No complete answer within 5000 ms (timeouts.totalMs).',
    });
  });
});

describe('the limits for a target', () => {
  it('are its own, or those of its provider, or the defaults', () => {
    const patienceWith = createTimeoutResolver({
      ...timeouts,
      for: { acme: { idleMs: 7, totalMs: 8 }, 'acme/slow': { totalMs: 9, headersMs: undefined } },
    });
    expect(patienceWith({ provider: 'other', model: 'slow' })).toEqual(timeouts);
    expect(patienceWith({ provider: 'acme', model: 'quick' })).toEqual({ ...timeouts, idleMs: 7, totalMs: 8 });
    expect(patienceWith({ provider: 'acme', model: 'slow' })).toEqual({ ...timeouts, idleMs: 7, totalMs: 9 });
  });
});
