import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/ports.ts';
import type { HeaderFields } from './extras.ts';

/**
 * How long nothing may be said before the status is. Until then a failure has a real one; load balancers cut a silent wait
 * after a minute, some after thirty seconds.
 */
const firstBeatMs = 10_000;
/** Silence after which a comment is sent, then and in the middle of a stream. */
const beatMs = 12_000;
const heartbeat = ': ping\n\n';

export type EventStream = {
  /** Whether the head is sent, so that a failure can only be an event. */
  readonly isOpen: boolean;
  /** Writes in one piece, and waits for a reader who is behind. The first piece brings the head. */
  write(text: string, headers?: HeaderFields): Promise<void>;
  end(): void;
  /** Always to be called in the end, or the heart goes on beating. */
  stop(): void;
};

/** Server-sent events for one caller. */
export function createEventStream(response: ServerResponse, clock: Clock, headers: HeaderFields): EventStream {
  let stopBeating = clock.after(firstBeatMs, beat);

  function beat(): void {
    open({});
    // A reader who is behind has bytes to read. The next beat comes all the same.
    if (!response.destroyed && !response.writableNeedDrain) response.write(heartbeat);
    stopBeating = clock.after(beatMs, beat);
  }

  function open(more: HeaderFields): void {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
      ...more,
    });
  }

  return {
    get isOpen() {
      return response.headersSent;
    },
    async write(text, more = {}) {
      stopBeating();
      open(more);
      if (response.destroyed) return;
      const isRead = response.write(text);
      stopBeating = clock.after(beatMs, beat);
      if (!isRead) await drained(response);
    },
    end() {
      if (!response.destroyed) response.end();
    },
    stop: () => stopBeating(),
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
