import { expect, it } from 'vitest';
import { type AbortSignalLike, LightAbortController, toAbortSignal } from '../../src/core/abort.ts';

/** The web's own is the measure: whoever listens to one of them cannot tell them apart. */
const kinds: [string, () => { readonly signal: AbortSignalLike; readonly abort: (reason: unknown) => void }][] = [
  [
    'an ending',
    () => {
      const ending = new LightAbortController();
      return { signal: ending, abort: (reason) => ending.abort(reason) };
    },
  ],
  [
    "the web's own",
    () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
    },
  ],
  [
    "one of the web's that follows an ending",
    () => {
      const ending = new LightAbortController();
      return { signal: toAbortSignal(ending), abort: (reason) => ending.abort(reason) };
    },
  ],
];

it.each(kinds)(
  '%s tells each listener once, with the reason there, and nobody who has gone or come late',
  (_name, open) => {
    const { signal, abort } = open();
    const told: unknown[] = [];
    const gone = () => told.push('gone');
    expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
    signal.addEventListener('abort', () => told.push(signal.reason), { once: true });
    signal.addEventListener('abort', gone, { once: true });
    signal.addEventListener('abort', () => told.push(signal.aborted), { once: true });
    signal.removeEventListener('abort', gone);
    signal.removeEventListener('abort', () => {});
    const why = new Error('why');
    abort(why);
    abort(new Error('again'));
    signal.addEventListener('abort', () => told.push('late'), { once: true });
    expect(told).toEqual([why, true]);
    expect(signal.reason).toBe(why);
  },
);

it("gives the web's own at once what has ended already", () => {
  const ending = new LightAbortController();
  ending.abort('over');
  expect(toAbortSignal(ending)).toMatchObject({ aborted: true, reason: 'over' });
});
