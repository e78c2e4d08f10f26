import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { readOrLeft } from '../../src/routing/read-or-left.ts';
import { toSource } from '../support/to-source.ts';

async function* numbers(failure?: Error) {
  yield [1];
  yield [2];
  if (failure) throw failure;
}

/** How many still listen to the signal after this was done with a sequence. */
async function listenersAfter(
  use: (sequence: AsyncIterableIterator<readonly number[]>) => Promise<unknown>,
  failure?: Error,
) {
  const { signal } = new AbortController();
  const sequence = readOrLeft(toSource(numbers(failure)), signal, () => {});
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await use(sequence);
  return getEventListeners(signal, 'abort').length;
}

describe('a sequence that says when it is left alone', () => {
  it('says so after the read that is under way', async () => {
    let lefts = 0;
    const sequence = readOrLeft(toSource(numbers()), new AbortController().signal, () => {
      lefts += 1;
    });
    const reading = sequence.next();
    await sequence.return?.();
    expect(lefts).toBe(0);
    expect(await reading).toEqual({ done: false, value: [1] });
    expect(lefts).toBe(1);
  });

  it('lets its signal go when it was read to its end', async () => {
    expect(await listenersAfter((sequence) => Array.fromAsync(sequence))).toBe(0);
  });

  it('lets it go when it failed', async () => {
    const read = (sequence: AsyncIterableIterator<readonly number[]>) => Array.fromAsync(sequence).catch(() => {});
    expect(await listenersAfter(read, new Error('broken'))).toBe(0);
  });

  it('lets it go when its reader stops', async () => {
    expect(
      await listenersAfter(async (sequence) => {
        for await (const _number of sequence) break;
      }),
    ).toBe(0);
  });
});
