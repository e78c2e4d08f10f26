import { describe, expect, it } from 'vitest';
import type { ProviderEvent } from '../../src/core/completion.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { awaitFirstContent } from '../../src/routing/await-first-content.ts';
import { settled } from '../support/memory-gateway.ts';
import { toSource } from '../support/to-poll-stream.ts';

const started: ProviderEvent = { type: 'started', id: 'a', model: 'm', created: 1 };
const nothing: ProviderEvent = { type: 'content', text: '' };
const word: ProviderEvent = { type: 'content', text: 'word' };

describe('waiting for the first content', () => {
  it('skips events without content, and loses none of them', async () => {
    const pulled: string[] = [];
    async function* source() {
      for (const batch of [[started], [nothing], [word], [word, word]]) {
        pulled.push(batch.map(({ type }) => type).join());
        yield batch;
      }
    }
    const sequence = await awaitFirstContent(toSource(source()));
    expect(pulled).toEqual(['started', 'content', 'content']);
    expect((await Array.fromAsync(toAsyncIterable(sequence))).flat()).toEqual([started, nothing, word, word, word]);
  });

  it('rejects for errors before the first content, and passes later ones on', async () => {
    const failure = new Error('broken');
    async function* source(...batches: ProviderEvent[][]) {
      yield* batches;
      throw failure;
    }
    await expect(awaitFirstContent(toSource(source([started])))).rejects.toBe(failure);
    const sequence = await awaitFirstContent(toSource(source([started, word])));
    expect(sequence.poll()).toEqual([started, word]);
    expect(sequence.poll()).toBe('pending');
    await sequence.ready();
    expect(() => sequence.poll()).toThrow(failure);
  });

  it('cancels its source when it is cancelled, even if it was never read', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield [started, word];
        yield [word];
      } finally {
        isClosed = true;
      }
    }
    const sequence = await awaitFirstContent(toSource(source()));
    sequence.cancel();
    await settled();
    expect(isClosed).toBe(true);
  });
});
