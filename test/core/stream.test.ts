import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, toEvents } from '../../src/core/collect.ts';
import type { ProviderCompletion, ProviderEvent } from '../../src/core/completion.ts';
import { type FailureCode, GatewayError } from '../../src/core/errors.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { decodeBatches, mergeDeltas } from '../../src/core/stream.ts';
import { toSource } from '../support/to-poll-stream.ts';

const finished: ProviderEvent = {
  type: 'finished',
  finishReason: 'stop',
  rawFinishReason: 'stop',
  refusal: undefined,
  citations: [],
  usage: undefined,
  providerState: undefined,
};

const delta: fc.Arbitrary<ProviderEvent> = fc.oneof(
  fc.record({ type: fc.constant('content' as const), text: fc.string({ unit: 'binary' }) }),
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string({ unit: 'binary' }) }),
  fc.nat(2).chain((index) =>
    fc.record({
      type: fc.constant('tool_call' as const),
      index: fc.constant(index),
      id: fc.constant(`call_${index}`),
      name: fc.constant(`tool_${index}`),
      argumentsDelta: fc.string(),
    }),
  ),
);

const started: ProviderEvent = { type: 'started', id: 'a', model: 'm', created: 1 };
const story = fc.array(delta, { maxLength: 30 }).map((deltas) => [started, ...deltas, finished]);
const isWhole = ({ toolCalls }: ProviderCompletion) => Object.keys(toolCalls).length === toolCalls.length;

describe('merging adjacent deltas', () => {
  it('keeps all content in order, for any batches', () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat(32)), (events, cuts) => {
        const places = [...new Set([0, ...cuts, events.length])]
          .filter((cut) => cut <= events.length)
          .sort((a, b) => a - b);
        const batches = places.slice(1).map((end, index) => events.slice(places[index], end));
        expect(collect(batches.flatMap(mergeDeltas))).toEqual(collect(events));
      }),
    );
  });

  it('leaves no two adjacent deltas that could be merged', () => {
    fc.assert(
      fc.property(story, (events) => {
        const merged = mergeDeltas(events);
        for (const [index, event] of merged.entries()) {
          const next = merged[index + 1];
          if (event.type === 'content' || event.type === 'reasoning') expect(next?.type).not.toBe(event.type);
          if (event.type === 'tool_call' && next?.type === 'tool_call') expect(next.index).not.toBe(event.index);
        }
      }),
    );
  });
});

describe('a whole answer converted to a stream', () => {
  it('folds to the same answer', () => {
    fc.assert(
      fc.property(story, (events) => {
        const answer = collect(events);
        fc.pre(isWhole(answer));
        expect(collect(toEvents(answer))).toEqual(answer);
      }),
    );
  });
});

describe('a stream without its last event', () => {
  it('is not an answer', () => {
    expect(() => collect([started, { type: 'content', text: 'Hel' }])).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_TRUNCATED' }),
    );
  });
});

describe('arguments of a tool call', () => {
  it('that never end are refused, and counted per call', async () => {
    const told = (index: number): ProviderEvent => ({
      type: 'tool_call',
      index,
      id: `call_${index}`,
      name: 'look',
      argumentsDelta: 'x'.repeat(400_000),
    });
    const decoder = {
      push: ({ data }: { data: string }) => [told(Number(data))],
      end: () => [],
      usage: () => undefined,
    };
    async function* batches(...calls: number[]) {
      for (const call of calls) yield [{ event: undefined, data: String(call) }];
    }
    const decoded = (...calls: number[]) =>
      Array.fromAsync(toAsyncIterable(decodeBatches(decoder, toSource(batches(...calls)))));
    expect(await decoded(0, 0, 1, 1)).toHaveLength(4);
    await expect(decoded(0, 1, 0, 0)).rejects.toMatchObject({
      code: 'UPSTREAM_MALFORMED',
    });
  });
});

describe('a body that breaks off', () => {
  /** Yields one word, and after "end" reports completion as soon as the body ends. */
  const decoder = () => {
    let isComplete = false;
    return {
      push({ data }: { data: string }): readonly ProviderEvent[] {
        if (data === 'refuse') throw new GatewayError('UPSTREAM_ERROR', 'The provider failed.');
        isComplete ||= data === 'end';
        return [{ type: 'content', text: data }];
      },
      end(): readonly ProviderEvent[] {
        if (isComplete) return [finished];
        throw new GatewayError('UPSTREAM_TRUNCATED', 'There was no end.');
      },
      usage: () => undefined,
    };
  };
  async function* broken(code: FailureCode | undefined, ...words: string[]) {
    for (const data of words) yield [{ event: undefined, data }];
    if (code) throw new GatewayError(code, 'It broke.');
  }
  const read = (code: FailureCode | undefined, ...words: string[]) =>
    Array.fromAsync(toAsyncIterable(decodeBatches(decoder(), toSource(broken(code, ...words)))));

  it.each(['UPSTREAM_UNREACHABLE', 'UPSTREAM_MALFORMED', 'UPSTREAM_TIMEOUT'] as const)(
    'after the answer was told to its end takes nothing of it away (%s)',
    async (code) => {
      expect((await read(code, 'Hello', 'end')).flat().at(-1)).toEqual(finished);
    },
  );

  it('before its end marker is reported as truncated', async () => {
    await expect(read('UPSTREAM_UNREACHABLE', 'Hello')).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    await expect(read(undefined, 'Hello')).rejects.toMatchObject({ code: 'UPSTREAM_TRUNCATED' });
  });

  it('because of a disconnect reports the disconnect', async () => {
    await expect(read('CANCELLED', 'end')).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it("after an error event reports the provider's error", async () => {
    await expect(read(undefined, 'end', 'refuse')).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
  });
});
