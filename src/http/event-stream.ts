import type { ServerResponse } from 'node:http';
import { IdleTimer } from '../core/idle-timer.ts';
import type { Clock } from '../core/ports.ts';
import type { HeaderFields } from './headers.ts';

/** How events are put into one response. */
export type EventFraming = {
  readonly contentType: string;
  /** What comes before the first event. */
  readonly begin: string;
  /** What is sent while there is nothing to say. Clients ignore it. */
  readonly heartbeat: string;
};

export type EventStreamSettings = {
  readonly clock: Clock;
  /** Silence before a keep-alive comment, in milliseconds. */
  readonly heartbeatMs: number;
  /** Silence before the first one. Default: heartbeatMs. */
  readonly firstHeartbeatMs?: number;
};

/**
 * Server-sent events. The heartbeat is a comment. No empty line follows it: decoders that dispatch an event there would read an
 * empty one (openai-go before 3.43).
 */
const serverSentEvents: EventFraming = {
  contentType: 'text/event-stream; charset=utf-8',
  begin: '',
  heartbeat: ': ping\n',
};

export type EventStream = {
  /** Whether the head is sent, so that a failure can only be an event. */
  isOpen(): boolean;
  /** Writes, and returns a promise while the client is behind. Writes of one tick are sent together. */
  write(text: string, headers?: HeaderFields): Promise<void> | undefined;
  end(): void;
  /** Always call it at the end: it stops the heartbeat. */
  stop(): void;
};

/** Characters that are buffered within one tick. */
const maxBufferedChars = 16 * 1024;

/** Events for one response, server-sent events unless the framing says otherwise. The head is sent with the first write or the first heartbeat. */
export function createEventStream(
  response: ServerResponse,
  { clock, heartbeatMs, firstHeartbeatMs = heartbeatMs }: EventStreamSettings,
  headers: () => HeaderFields = () => ({}),
  framing: EventFraming = serverSentEvents,
): EventStream {
  const heart = new IdleTimer(clock, beat);
  let waiting = '';
  heart.set(firstHeartbeatMs);

  function beat(): void {
    // A client that is behind has bytes to read. The next heartbeat comes all the same.
    if (!response.writableNeedDrain) send(framing.heartbeat);
    heart.set(heartbeatMs);
  }

  function send(text: string, more: HeaderFields = {}): void {
    if (response.destroyed) return;
    if (!response.headersSent) {
      response.writeHead(200, {
        'content-type': framing.contentType,
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        ...headers(),
        ...more,
      });
      waiting = framing.begin;
      if (waiting !== '') process.nextTick(flush);
    }
    if (waiting === '') process.nextTick(flush);
    waiting += text;
    if (waiting.length > maxBufferedChars) flush();
  }

  function flush(): void {
    if (waiting === '' || response.destroyed) return;
    response.write(takeBuffered());
  }

  function takeBuffered(): string {
    const text = waiting;
    waiting = '';
    return text;
  }

  return {
    isOpen: () => response.headersSent,
    write(text, more) {
      send(text, more);
      heart.set(heartbeatMs);
      return response.writableNeedDrain ? drained(response) : undefined;
    },
    end() {
      if (response.destroyed) return;
      response.end(takeBuffered());
    },
    stop: () => heart.stop(),
  };
}

/** Resolves when the client has caught up or disconnected. */
function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
