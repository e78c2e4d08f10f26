import { describe, expect, it } from 'vitest';
import { forEachBatch, type PollStream } from '../../src/core/poll-stream.ts';
import { toSource } from '../support/to-poll-stream.ts';

async function* numbers() {
  yield [1, 2];
  yield [];
  yield [3];
}

/** A source of numbers that counts how often it was cancelled. */
function open() {
  const source = toSource(numbers());
  let lefts = 0;
  const watched: PollStream<number> = {
    ...source,
    cancel() {
      lefts += 1;
      source.cancel();
    },
  };
  return { source: watched, lefts: () => lefts };
}

describe('reading all of a source', () => {
  it('yields each batch in order, and retains no consumed batch', async () => {
    const { source, lefts } = open();
    const read: (readonly number[])[] = [];
    await forEachBatch(source, (batch) => void read.push(batch));
    expect(read).toEqual([[1, 2], [], [3]]);
    expect(lefts()).toBe(0);
  });

  it('waits for a slow reader', async () => {
    const { source } = open();
    const steps: string[] = [];
    await forEachBatch(source, async ([first]) => {
      steps.push(`begins ${first}`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`ends ${first}`);
    });
    expect(steps).toEqual(['begins 1', 'ends 1', 'begins undefined', 'ends undefined', 'begins 3', 'ends 3']);
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('No more');
      },
    ],
    ['later', () => Promise.reject(new Error('No more'))],
  ])('leaves it when its reader fails %s', async (_when, fail) => {
    const { source, lefts } = open();
    const seen: number[] = [];
    const reading = forEachBatch(source, (batch) => {
      seen.push(batch.length);
      return fail();
    });
    await expect(reading).rejects.toThrow('No more');
    expect(seen).toEqual([2]);
    expect(lefts()).toBe(1);
  });
});
