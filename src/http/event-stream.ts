import type { ServerResponse } from 'node:http';
import { IdleTimer } from '../core/idle-timer.ts';
import type { Clock } from '../core/ports.ts';
import type { HeaderFields } from './headers.ts';

export type EventStreamSettings = {
  readonly clock: Clock;
  /** Silence after which a comment is sent. */
  readonly heartbeatMs: number;
  /** Silence before the first of them. Default: the same. */
  readonly firstHeartbeatMs?: number;
};

/** A comment: readers pass over it. */
const heartbeat = ': ping\n\n';

export type EventStream = {
  /** Whether the head is sent, so that a failure can only be an event. */
  isOpen(): boolean;
  /** Writes, and waits for a reader who is behind. What is written in one turn is sent in one piece. */
  write(text: string, headers?: HeaderFields): Promise<void> | undefined;
  end(): void;
  /** Always to be called in the end, or the heart goes on beating. */
  stop(): void;
};

/** Of what is written in one turn so much is held at most. */
const maxBufferedChars = 16 * 1024;

/** Server-sent events for one caller. The head comes with what is told first, or else with the first heartbeat. */
export function createEventStream(
  response: ServerResponse,
  { clock, heartbeatMs, firstHeartbeatMs = heartbeatMs }: EventStreamSettings,
  headers: () => HeaderFields = () => ({}),
): EventStream {
  const heart = new IdleTimer(clock, beat);
  let waiting = '';
  heart.set(firstHeartbeatMs);

  function beat(): void {
    // A reader who is behind has bytes to read. The next beat comes all the same.
    if (!response.writableNeedDrain) send(heartbeat);
    heart.set(heartbeatMs);
  }

  function send(text: string, more: HeaderFields = {}): void {
    if (response.destroyed) return;
    if (!response.headersSent) {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        ...headers(),
        ...more,
      });
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

/** Until the reader has caught up, or has left. */
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
