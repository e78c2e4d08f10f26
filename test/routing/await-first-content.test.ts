import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../src/core/completion.ts';
import { eachOf } from '../../src/core/poll-stream.ts';
import { awaitContent } from '../../src/routing/await-first-content.ts';
import { settled } from '../support/memory-gateway.ts';
import { toSource } from '../support/to-poll-stream.ts';

const started: AnswerEvent = { type: 'started', id: 'a', model: 'm', created: 1 };
const nothing: AnswerEvent = { type: 'content', text: '' };
const word: AnswerEvent = { type: 'content', text: 'word' };

describe('the gate', () => {
  it('stays closed for what is no content, and then loses nothing', async () => {
    const pulled: string[] = [];
    async function* source() {
      for (const batch of [[started], [nothing], [word], [word, word]]) {
        pulled.push(batch.map(({ type }) => type).join());
        yield batch;
      }
    }
    const sequence = await awaitContent(toSource(source()));
    expect(pulled).toEqual(['started', 'content', 'content']);
    expect((await Array.fromAsync(eachOf(sequence))).flat()).toEqual([started, nothing, word, word, word]);
  });

  it('throws what is thrown before the first content, and passes on what is thrown after it', async () => {
    const failure = new Error('broken');
    async function* source(...batches: AnswerEvent[][]) {
      yield* batches;
      throw failure;
    }
    await expect(awaitContent(toSource(source([started])))).rejects.toBe(failure);
    const sequence = await awaitContent(toSource(source([started, word])));
    expect(sequence.take()).toEqual([started, word]);
    expect(sequence.take()).toBe('pending');
    await sequence.wait();
    expect(() => sequence.take()).toThrow(failure);
  });

  it('closes its source when it is left, even if nothing was ever taken from it', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield [started, word];
        yield [word];
      } finally {
        isClosed = true;
      }
    }
    const sequence = await awaitContent(toSource(source()));
    sequence.leave();
    await settled();
    expect(isClosed).toBe(true);
  });
});
