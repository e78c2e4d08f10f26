import { createParser } from 'eventsource-parser';
import type { ServerSentEvent } from '../core/adapter.ts';
import { GatewayError } from '../core/errors.ts';

/** A line or event longer than this is no answer of a model. */
const maxEventChars = 1_000_000;
const maxTailChars = 4_096;
/** A stream without end would be paid for without end. */
const maxStreamBytes = 64 * 1024 * 1024;
/** DashScope puts the status of a failed event into a comment of it, and nowhere else. */
const failedStatus = /^\s*HTTP_STATUS\/([45]\d\d)\b/;
/** No line of an event begins with a bracket: from there on the body is something else. */
const bareJson = /[\r\n]([{[].*)$/s;

/** Reads server-sent events, one batch for each piece of the body. Other comments, and pings, are silent. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ServerSentEvent[]> {
  let batch: ServerSentEvent[] = [];
  let tail = '\n';
  let status: number | undefined;
  const parser = createParser({
    maxBufferSize: maxEventChars,
    onEvent: ({ event, data }) => {
      batch.push({ event, data, ...(status !== undefined && { status }) });
      status = undefined;
    },
    onComment: (comment) => {
      const [, told] = failedStatus.exec(comment) ?? [];
      if (told) status = Number(told);
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
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > maxStreamBytes) {
      throw new GatewayError('UPSTREAM_MALFORMED', `The provider sent a stream of more than ${maxStreamBytes} bytes.`);
    }
    // Empty for a ping: it tells that the provider is still there.
    yield feed(text.decode(bytes, { stream: true }));
  }
  // Some hosts leave out the empty line after the last event; others end a broken stream with a bare JSON error.
  const rest = text.decode();
  const [, stray] = bareJson.exec(tail + rest) ?? [];
  const last = [...feed(`${rest}\n\n`), ...(stray === undefined ? [] : [{ event: undefined, data: stray }])];
  if (last.length > 0) yield last;
}
