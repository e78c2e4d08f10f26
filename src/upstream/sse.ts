import { createParser } from 'eventsource-parser';
import type { ServerSentEvent } from '../core/adapter.ts';
import { GatewayError } from '../core/errors.ts';
import type { PollStream } from '../core/poll-stream.ts';

/** As long as a whole answer may be: the Responses API repeats the instructions in an event, and images come inline. */
const maxEventChars = 32 * 1024 * 1024;
/** The part of an unfinished event that is kept. It is cut only at four times the size: each cut copies. */
const tailChars = 4_096;
const maxTailChars = 4 * tailChars;
/** An endless stream would cost money without end. */
const maxStreamBytes = 64 * 1024 * 1024;
/** DashScope puts the status of a failed event into a comment. */
const failedStatus = /^\s*HTTP_STATUS\/([45]\d\d)\b/;
/** No line of an event begins with a bracket: from there on the body is something else. */
const bareJson = /(?:^|[\r\n])([{[].*)$/s;

/**
 * Parses server-sent events, one batch per read; an empty batch is a keep-alive, which shows that the provider is
 * alive. Other comments are ignored.
 */
export function serverSentEvents(body: PollStream<Uint8Array>): PollStream<ServerSentEvent> {
  let batch: ServerSentEvent[] = [];
  /** The last piece, and what stands before it since the end of an event. */
  let tail = '';
  let status: number | undefined;
  const parser = createParser({
    maxBufferSize: maxEventChars,
    onEvent: ({ event, data }) => {
      batch.push(status === undefined ? { event, data } : { event, data, status });
      status = undefined;
    },
    onComment: (comment) => {
      const [, code] = failedStatus.exec(comment) ?? [];
      if (code) status = Number(code);
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
  let size = 0;
  let isOver = false;
  /** The whole body, where it is JSON and no stream of events at all. */
  let bare: string | undefined;
  let hasBegun = false;

  function feed(piece: string): readonly ServerSentEvent[] {
    tail = endsEvent(tail) && /\S/.test(piece) ? piece : tail + piece;
    // The rest begins in the middle of a line.
    if (tail.length > maxTailChars) tail = ` ${tail.slice(-tailChars)}`;
    parser.feed(piece);
    const read = batch;
    batch = [];
    return read;
  }

  function read(pieces: readonly Uint8Array[]): readonly ServerSentEvent[] {
    let piece = '';
    for (const bytes of pieces) {
      size += bytes.length;
      piece += text.decode(bytes, { stream: true });
    }
    if (size > maxStreamBytes) {
      const message = `The provider sent a stream of more than ${maxStreamBytes} bytes.`;
      throw new GatewayError('UPSTREAM_MALFORMED', message);
    }
    if (!hasBegun && /\S/.test(piece)) {
      hasBegun = true;
      if (/^\s*[{[]/.test(piece)) bare = '';
    }
    if (bare === undefined) return feed(piece);
    bare += piece;
    return [];
  }

  /** Some hosts leave out the empty line after the last event; others end a broken stream with a bare JSON error. */
  function readEnd(): readonly ServerSentEvent[] {
    const rest = text.decode();
    if (bare !== undefined) return [{ event: undefined, data: bare + rest }];
    const [, stray] = bareJson.exec(tail + rest) ?? [];
    return [...feed(`${rest}\n\n`), ...(stray === undefined ? [] : [{ event: undefined, data: stray }])];
  }

  return {
    poll() {
      if (isOver) return 'done';
      const pieces = body.poll();
      if (pieces === 'pending') return pieces;
      if (pieces === 'done') {
        isOver = true;
        const last = readEnd();
        return last.length > 0 ? last : 'done';
      }
      try {
        return read(pieces);
      } catch (thrown) {
        body.cancel();
        throw thrown;
      }
    },
    ready: body.ready,
    cancel: body.cancel,
  };
}

/** An empty line, in the forms that occur. */
function endsEvent(text: string): boolean {
  return text.endsWith('\n\n') || text.endsWith('\r\n\r\n') || text.endsWith('\r\r');
}
