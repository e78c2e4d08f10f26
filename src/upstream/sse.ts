import { createParser } from 'eventsource-parser';
import type { ServerSentEvent } from '../core/adapter.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from './exchange.ts';

/** A line or event longer than this is no answer of a model. */
const maxEventChars = 1_000_000;
/** So much of the end is kept at least. It is cut to that once it has four times as much: each cut copies what is left. */
const tailChars = 4_096;
const maxTailChars = 4 * tailChars;
/** A stream without end would be paid for without end. */
const maxStreamBytes = 64 * 1024 * 1024;
/** DashScope puts the status of a failed event into a comment of it, and nowhere else. */
const failedStatus = /^\s*HTTP_STATUS\/([45]\d\d)\b/;
/** No line of an event begins with a bracket: from there on the body is something else. */
const bareJson = /[\r\n]([{[].*)$/s;

/** The body of an answer, as far as it is read. */
export type Body = Pick<Exchange, 'next' | 'leave'>;

/**
 * Reads server-sent events, one batch for what has arrived together. Other comments, and pings, are silent. A reader who stops
 * before the body is over leaves it.
 */
export async function* serverSentEvents(body: Body): AsyncGenerator<readonly ServerSentEvent[]> {
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
    tail += piece;
    if (tail.length > maxTailChars) tail = tail.slice(-tailChars);
    parser.feed(piece);
    const read = batch;
    batch = [];
    return read;
  };
  let size = 0;
  try {
    for (let pieces = await body.next(); pieces; pieces = await body.next()) {
      for (const piece of pieces) size += piece.length;
      if (size > maxStreamBytes) {
        const message = `The provider sent a stream of more than ${maxStreamBytes} bytes.`;
        throw new GatewayError('UPSTREAM_MALFORMED', message);
      }
      // Empty for a ping: it tells that the provider is still there.
      yield feed(pieces.map((piece) => text.decode(piece, { stream: true })).join(''));
    }
  } finally {
    body.leave();
  }
  // Some hosts leave out the empty line after the last event; others end a broken stream with a bare JSON error.
  const rest = text.decode();
  const [, stray] = bareJson.exec(tail + rest) ?? [];
  const last = [...feed(`${rest}\n\n`), ...(stray === undefined ? [] : [{ event: undefined, data: stray }])];
  if (last.length > 0) yield last;
}
