import { createParser } from 'eventsource-parser';
import type { ServerSentEvent } from '../core/adapter.ts';
import { GatewayError } from '../core/errors.ts';

/** A line or event longer than this is no answer of a model. */
const maxEventChars = 1_000_000;
const maxTailChars = 4_096;

/** Reads server-sent events, one batch for each piece of the body. Comments and pings are silent. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ServerSentEvent[]> {
  let batch: ServerSentEvent[] = [];
  let tail = '';
  const parser = createParser({
    maxBufferSize: maxEventChars,
    onEvent: ({ event, data }) => {
      batch.push({ event, data });
    },
    onError: (error) => {
      if (error.type !== 'max-buffer-size-exceeded') return;
      throw new GatewayError(
        'UPSTREAM_MALFORMED',
        `The provider sent an event of more than ${maxEventChars} characters.`,
      );
    },
  });
  const text = new TextDecoder();
  const feed = (piece: string) => {
    tail = (tail + piece).slice(-maxTailChars);
    parser.feed(piece);
    const read = batch;
    batch = [];
    return read;
  };
  for await (const bytes of body) {
    const read = feed(text.decode(bytes, { stream: true }));
    if (read.length > 0) yield read;
  }
  // Some hosts leave out the empty line after the last event; others end a broken stream with a bare JSON error.
  const stray =
    tail
      .split(/\r\n\r\n|\n\n|\r\r/)
      .at(-1)
      ?.trim() ?? '';
  const last = feed(`${text.decode()}\n\n`);
  if (last.length > 0) yield last;
  else if (stray.startsWith('{') || stray.startsWith('[')) yield [{ event: undefined, data: stray }];
}
