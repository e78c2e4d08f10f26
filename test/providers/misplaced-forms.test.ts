import { describe, expect, it } from 'vitest';
import { withAnswerChecks } from '../../src/core/answer-checks.ts';
import { collect } from '../../src/core/collect.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { decodeBatches } from '../../src/core/stream.ts';
import { serverSentEvents } from '../../src/upstream/sse.ts';
import { recordings } from '../support/recordings.ts';
import { toSource } from '../support/to-poll-stream.ts';
import { wireNamed } from '../support/wires.ts';

/** A server that ignores `stream`, or mislabels its content type: the answer is read all the same. */

async function answerOf(wire: string, body: string) {
  const { codec, adapter } = wireNamed(wire);
  const decoder = withAnswerChecks(codec, adapter.id).decodeStream();
  const bytes = Buffer.from(body);
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += 1000) yield [bytes.subarray(from, from + 1000)];
  }
  const events = await Array.fromAsync(toAsyncIterable(decodeBatches(decoder, serverSentEvents(toSource(pieces())))));
  return collect(events.flat());
}

const said = recordings.filter(({ expected }) => expected.text !== undefined || expected.toolCalls !== undefined);

describe.each(said)('$wire: $name', ({ wire, whole }) => {
  const { codec, adapter } = wireNamed(wire);
  const decoded = withAnswerChecks(codec, adapter.id).decode(whole);
  const { text, toolCalls, finishReason, usage } = decoded;
  // Calls without an id get one that is derived from the answer's.
  const expected = {
    text,
    finishReason,
    usage,
    toolCalls: toolCalls.map(({ name, arguments: args }) => ({ name, arguments: args })),
  };

  it('is read from a JSON body that is typed as an event stream', async () => {
    for (const body of [JSON.stringify(whole), `\n${JSON.stringify(whole, null, 2)}\n`]) {
      expect(await answerOf(wire, body)).toMatchObject(expected);
    }
  });

  it('is read from one event that holds all of it', async () => {
    expect(await answerOf(wire, `data: ${JSON.stringify(whole)}\n\ndata: [DONE]\n\n`)).toMatchObject(expected);
  });
});
