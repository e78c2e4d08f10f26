import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderCompletion } from '../../src/core/completion.ts';
import { type ProviderServer, sendJson, sendStream, startProvider } from '../support/provider-server.ts';
import { recordings } from '../support/recordings.ts';
import { answerOf } from '../support/replay.ts';
import { wireNamed } from '../support/wires.ts';
import { takeFetch } from './support-fetch.ts';
import type { View } from './support-readers.ts';
import { witnesses } from './support-witnesses.ts';

/** Each vendor's own SDK reads the recordings with the same result as this vendor's codec. */

let server: ProviderServer;
let served: { readonly whole: unknown; readonly stream: Buffer } | undefined;
let giveBackFetch: () => void;
beforeAll(async () => {
  server = await startProvider(({ path, body }, response) => {
    if (body['stream'] === true || path.includes('stream')) sendStream(response, served?.stream ?? '');
    else sendJson(response, 200, served?.whole);
  });
  giveBackFetch = takeFetch(server.url);
});
afterAll(async () => {
  giveBackFetch();
  await server.close();
});

/** A shortcoming of this SDK: where the last event has no output, it drops what earlier events said. */
const misread = ['told-by-closing-events-alone'];

const witnessed = recordings.filter(
  ({ wire, name }) => witnesses.some(({ id }) => id === wire) && !misread.includes(name),
);

describe.each(witnessed)('the SDK of $wire reads $name', (recording) => {
  const { codec } = wireNamed(recording.wire);
  const read = witnesses.find(({ id }) => id === recording.wire)?.calls['several turns'];
  if (!read) throw new Error(`Nobody reads ${recording.wire}`);

  it('whole, with the same result as our codec', async () => {
    served = recording;
    expect(viewOf(codec.decode(recording.whole))).toEqual(await read('whole'));
  });

  it('streamed, with the same result as our codec', async () => {
    served = recording;
    expect(viewOf(await answerOf(codec, recording.stream))).toEqual(await read('stream'));
  });
});

function viewOf({ text, reasoning, toolCalls, rawFinishReason, usage }: ProviderCompletion): View {
  return {
    text,
    reasoning,
    toolCalls: toolCalls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) })),
    finishReason: rawFinishReason,
    usage: { input: usage?.inputTokens, output: usage?.outputTokens },
  };
}
