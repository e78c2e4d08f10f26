import { GatewayError } from '../core/errors.ts';

/** The calls that this process is answering. */
export type OpenCalls = {
  /** Lets one more in. Throws SHUTTING_DOWN. */
  enter(): Place;
  /** From now on nobody is let in. */
  close(): void;
  /** No more time for those that are still open: each ends with its last event. */
  cut(): void;
};

export type Place = {
  /** How the call is ended before its time. At once, where that has been decided meanwhile. */
  onCut(end: (reason: GatewayError) => void): void;
  leave(): void;
};

/** When to ask again: by then another gateway is asked, or this one is back. */
const soonMs = 1_000;

export function createOpenCalls(): OpenCalls {
  const open = new Set<{ end: ((reason: GatewayError) => void) | undefined }>();
  let state: 'open' | 'closed' | 'cut' = 'open';

  return {
    enter() {
      if (state !== 'open') throw shuttingDown('This gateway is shutting down and takes no new requests; ask again.');
      const call: { end: ((reason: GatewayError) => void) | undefined } = { end: undefined };
      open.add(call);
      return {
        onCut(end) {
          call.end = end;
          if (state === 'cut') end(outOfTime());
        },
        leave: () => void open.delete(call),
      };
    },
    close() {
      state = 'closed';
    },
    cut() {
      state = 'cut';
      for (const { end } of [...open]) end?.(outOfTime());
    },
  };
}

function outOfTime(): GatewayError {
  return shuttingDown('This gateway shut down before the answer was complete; ask again.');
}

function shuttingDown(message: string): GatewayError {
  return new GatewayError('SHUTTING_DOWN', message, { retryAfterMs: soonMs });
}
