import { GatewayError } from '../core/errors.ts';

/** How many calls may be open at a time. */
export type Capacity = {
  readonly calls: number;
  /** Fewer than `calls`: a provider that hangs leaves room for the others. */
  readonly callsPerProvider: number;
};

/**
 * The calls that this process is answering. There is no queue for more: one that waits holds what it has sent, is late when its
 * turn comes, and hides from whoever balances the load that here is too much of it.
 */
export type OpenCalls = {
  /** Why a call would not be let in now: SHUTTING_DOWN or OVERLOADED. */
  refusal(capacity: Capacity): GatewayError | undefined;
  /** Lets one more in, or throws that. */
  enter(capacity: Capacity): Place;
  /** A try at a provider begins, and ends when the function returned is called. Throws OVERLOADED. */
  occupy(provider: string, capacity: Capacity): () => void;
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

/** When to ask again: by then another gateway is asked, or this one has room or is back. */
const soonMs = 1_000;

export function createOpenCalls(): OpenCalls {
  const open = new Set<{ end: ((reason: GatewayError) => void) | undefined }>();
  const byProvider = new Map<string, number>();
  let state: 'open' | 'closed' | 'cut' = 'open';

  function refusal({ calls }: Capacity): GatewayError | undefined {
    if (state !== 'open') return shuttingDown('This gateway is shutting down and takes no new requests; ask again.');
    if (open.size < calls) return undefined;
    return overloaded(
      `This gateway answers ${calls} requests, and takes no more at a time (capacity.calls); ask again.`,
    );
  }

  return {
    refusal,
    enter(capacity) {
      const refused = refusal(capacity);
      if (refused) throw refused;
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
    occupy(provider, { callsPerProvider }) {
      const busy = byProvider.get(provider) ?? 0;
      if (busy >= callsPerProvider) {
        const message = `${provider} is asked ${callsPerProvider} times already, and no more at a time (capacity.callsPerProvider); ask again.`;
        throw overloaded(message);
      }
      byProvider.set(provider, busy + 1);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        byProvider.set(provider, (byProvider.get(provider) ?? 0) - 1);
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

function overloaded(message: string): GatewayError {
  return new GatewayError('OVERLOADED', message, { retryAfterMs: soonMs });
}
