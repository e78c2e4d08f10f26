import type { Dispatcher } from 'undici';
import type { AbortSignalLike } from '../core/abort.ts';
import type { GatewayError } from '../core/errors.ts';
import type { PollStream } from '../core/poll-stream.ts';
import type { WaitTimer } from '../core/ports.ts';
import type { Handler, Sender } from './connection-pool.ts';

/** A response as its connection delivers it. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * What has arrived since the last read. On cancel a small rest is read and dropped, so that the connection can be
   * reused; otherwise it is closed.
   */
  readonly body: PollStream<Uint8Array>;
  /** Closes the connection. */
  abort(): void;
};

export type HttpRequest = {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignalLike;
  readonly onConnected: () => void;
  readonly waitTimer: WaitTimer;
  /** Converts a connection error into the error to throw. */
  readonly explain: (thrown: unknown) => GatewayError;
};

/** Bytes that are buffered for a slow reader; then the connection is paused. */
const maxHeldBytes = 64 * 1024;
/** Limits of what is dropped for the sake of reusing a connection. */
const drain = { bytes: 64 * 1024, ms: 500 };

/**
 * Sends a request and waits for the response head. It uses undici's handler interface: the Readable that `request`
 * would add takes longer than everything that is done with its data.
 */
export async function sendRequest(sender: Sender, request: HttpRequest): Promise<HttpResponse> {
  const { origin, path, headers, body, signal, onConnected, waitTimer, explain } = request;
  const head = Promise.withResolvers<Pick<HttpResponse, 'status' | 'headers'>>();
  let controller: Dispatcher.DispatchController | undefined;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isOver = false;
  let broken: GatewayError | undefined;
  let wake: (() => void) | undefined;
  /** Bytes that may still be dropped. */
  let dropping: number | undefined;

  function end(): void {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener('abort', onSignalAbort);
    if (broken) head.reject(broken);
    wake?.();
  }

  function breakOff(thrown: unknown): void {
    if (!isOver) broken = explain(thrown);
    end();
  }

  /** undici does not react to a signal before a request has a connection. */
  function onSignalAbort(): void {
    breakOff(signal.reason);
    abort();
  }

  function abort(): void {
    controller?.abort(new Error('Cancelled by the reader'));
  }

  signal.addEventListener('abort', onSignalAbort, { once: true });
  const handler: Handler = {
    onRequestStart(started) {
      controller = started;
      if (isOver) abort();
      else onConnected();
    },
    onResponseStart(_controller, status, given) {
      if (status >= 200) head.resolve({ status, headers: given });
    },
    onResponseData(_controller, piece) {
      if (dropping !== undefined) {
        dropping -= piece.length;
        if (dropping < 0) abort();
        return;
      }
      held.push(piece);
      heldBytes += piece.length;
      if (heldBytes > maxHeldBytes) controller?.pause();
      wake?.();
    },
    isOver: () => isOver,
    onResponseEnd: end,
    onResponseError: (_controller, error) => breakOff(error),
  };
  try {
    sender.dispatch({ origin, path, method: 'POST', headers, body }, handler);
  } catch (thrown) {
    breakOff(thrown);
  }
  waitTimer.start();
  let answered: Pick<HttpResponse, 'status' | 'headers'>;
  try {
    answered = await head.promise;
  } finally {
    waitTimer.stop();
  }

  const bodyStream: HttpResponse['body'] = {
    poll() {
      waitTimer.stop();
      // Data that came before the connection broke is delivered, but not after an abort.
      if (broken && (held.length === 0 || signal.aborted)) throw broken;
      if (held.length === 0) return isOver ? 'done' : 'pending';
      const batch = held;
      held = [];
      heldBytes = 0;
      if (controller?.paused) controller.resume();
      return batch;
    },
    ready() {
      if (held.length > 0 || isOver) return Promise.resolve();
      waitTimer.start();
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    cancel() {
      if (isOver) return;
      held = [];
      // Wakes a pending `ready()`.
      wake?.();
      dropping = drain.bytes;
      const tooLate = setTimeout(abort, drain.ms);
      wake = () => clearTimeout(tooLate);
      if (controller?.paused) controller.resume();
    },
  };
  return { ...answered, body: bodyStream, abort };
}
