import type { Codec } from '../../src/core/adapter.ts';
import { collect } from '../../src/core/collect.ts';
import type { ProviderCompletion, ProviderEvent } from '../../src/core/completion.ts';
import { type PollStream, toAsyncIterable } from '../../src/core/poll-stream.ts';
import { decodeBatches } from '../../src/core/stream.ts';
import { serverSentEvents } from '../../src/upstream/sse.ts';
import { toSource } from './to-poll-stream.ts';

/** The bytes of a body as from a socket, cut at these places. */
export function inPieces(bytes: Uint8Array, cuts: readonly number[] = []): PollStream<Uint8Array> {
  return toSource(cut(bytes, cuts));
}

async function* cut(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<readonly Uint8Array[]> {
  const places = [...new Set(cuts)].filter((cut) => cut > 0 && cut < bytes.length).sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    yield [bytes.subarray(from, to)];
    from = to;
  }
}

/** All events of a stream, through the real reader of server-sent events. */
export async function eventsOf(codec: Codec, bytes: Uint8Array, cuts?: readonly number[]): Promise<ProviderEvent[]> {
  const batches = decodeBatches(codec.decodeStream(), serverSentEvents(inPieces(bytes, cuts)));
  return (await Array.fromAsync(toAsyncIterable(batches))).flat();
}

export async function answerOf(codec: Codec, bytes: Uint8Array, cuts?: readonly number[]): Promise<ProviderCompletion> {
  return collect(await eventsOf(codec, bytes, cuts));
}
