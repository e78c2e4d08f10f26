import { expect, it } from 'vitest';
import { type AbortSignalLike, LightAbortController, toAbortSignal } from '../../src/core/abort.ts';

type Opened = { readonly signal: AbortSignalLike; readonly abort: (reason: unknown) => void };

/** The platform's AbortController is the reference: listeners observe no difference. */
const kinds: [string, () => Opened][] = [
  [
    'LightAbortController',
    () => {
      const controller = new LightAbortController();
      return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
    },
  ],
  [
    'AbortController',
    () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
    },
  ],
  [
    'an AbortSignal that follows a LightAbortController',
    () => {
      const controller = new LightAbortController();
      return { signal: toAbortSignal(controller.signal), abort: (reason) => controller.abort(reason) };
    },
  ],
];

it.each(kinds)('%s calls each listener once, except removed ones and those added after the abort', (_name, open) => {
  const { signal, abort } = open();
  const calls: unknown[] = [];
  const removed = () => calls.push('removed');
  expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
  signal.addEventListener('abort', () => calls.push(signal.reason), { once: true });
  signal.addEventListener('abort', removed, { once: true });
  signal.addEventListener('abort', () => calls.push(signal.aborted), { once: true });
  signal.removeEventListener('abort', removed);
  signal.removeEventListener('abort', () => {});
  const reason = new Error('why');
  abort(reason);
  abort(new Error('again'));
  signal.addEventListener('abort', () => calls.push('late'), { once: true });
  expect(calls).toEqual([reason, true]);
  expect(signal.reason).toBe(reason);
});

it.each(kinds)('%s registers a listener once, however often it is added', (_name, open) => {
  const { signal, abort } = open();
  let calls = 0;
  const listener = () => {
    calls += 1;
  };
  signal.addEventListener('abort', listener, { once: true });
  signal.addEventListener('abort', listener, { once: true });
  abort('x');
  expect(calls).toBe(1);
});

it.each(kinds)('%s does not call a listener that an earlier one removes', (_name, open) => {
  const { signal, abort } = open();
  const calls: string[] = [];
  const second = () => void calls.push('second');
  signal.addEventListener('abort', () => {
    calls.push('first');
    signal.removeEventListener('abort', second);
  });
  signal.addEventListener('abort', second);
  signal.addEventListener('abort', () => void calls.push('third'));
  abort('x');
  expect(calls).toEqual(['first', 'third']);
});

it.each(kinds)(
  '%s calls the other listeners when one throws, and the error becomes an uncaught exception',
  async (_name, open) => {
    const { signal, abort } = open();
    const thrown = new Error('a listener failed');
    const heard = Promise.withResolvers<unknown>();
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', heard.resolve);
    try {
      let isCalled = false;
      signal.addEventListener('abort', () => {
        throw thrown;
      });
      signal.addEventListener('abort', () => {
        isCalled = true;
      });
      abort('x');
      expect(isCalled).toBe(true);
      expect(await heard.promise).toBe(thrown);
    } finally {
      for (const other of others) process.on('uncaughtException', other);
    }
  },
);

it('toAbortSignal of an aborted signal is aborted at once', () => {
  const controller = new LightAbortController();
  controller.abort('done');
  expect(toAbortSignal(controller.signal)).toMatchObject({ aborted: true, reason: 'done' });
});
