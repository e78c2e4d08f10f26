import { GatewayError } from '../core/errors.ts';

/** How many calls may be open at a time. */
export type ConcurrencyLimits = {
  readonly max: number;
  /** Fewer than `calls`: a provider that hangs leaves room for the others. */
  readonly maxPerProvider: number;
};

/**
 * The calls that this process is answering. There is no queue for more: one that waits holds what it has sent, is late when its
 * turn comes, and hides from whoever balances the load that here is too much of it.
 */
export type Bulkhead = {
  /** Why a call would not be let in now: SHUTTING_DOWN or OVERLOADED. */
  admissionError(limits: ConcurrencyLimits): GatewayError | undefined;
  /** Lets one more in, or throws that. */
  acquire(limits: ConcurrencyLimits): Permit;
  /** A try at a provider begins, and ends when the function returned is called. Throws OVERLOADED. */
  acquireProvider(provider: string, limits: ConcurrencyLimits): () => void;
  /** From now on nobody is let in. */
  close(): void;
  /** No more time for those that are still open: each ends with its last event. */
  abortAll(): void;
};

export type Permit = {
  /** How the call is ended before its time. At once, where that has been decided meanwhile. */
  onAbort(end: (reason: GatewayError) => void): void;
  release(): void;
};

/** When to ask again: by then another gateway is asked, or this one has room or is back. */
const retryAfterMs = 1_000;

export function createBulkhead(): Bulkhead {
  const open = new Set<{ end: ((reason: GatewayError) => void) | undefined }>();
  const byProvider = new Map<string, number>();
  let state: 'open' | 'closed' | 'cut' = 'open';

  function admissionError({ max }: ConcurrencyLimits): GatewayError | undefined {
    if (state !== 'open') return shuttingDown('This gateway is shutting down and takes no new requests; ask again.');
    if (open.size < max) return undefined;
    return overloaded(
      `This gateway answers ${max} requests, and takes no more at a time (concurrency.max); ask again.`,
    );
  }

  return {
    admissionError,
    acquire(limits) {
      const refused = admissionError(limits);
      if (refused) throw refused;
      const call: { end: ((reason: GatewayError) => void) | undefined } = { end: undefined };
      open.add(call);
      return {
        onAbort(end) {
          call.end = end;
          if (state === 'cut') end(outOfTime());
        },
        release: () => void open.delete(call),
      };
    },
    acquireProvider(provider, { maxPerProvider }) {
      const busy = byProvider.get(provider) ?? 0;
      if (busy >= maxPerProvider) {
        const message = `${provider} is asked ${maxPerProvider} times already, and no more at a time (concurrency.maxPerProvider); ask again.`;
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
    abortAll() {
      state = 'cut';
      for (const { end } of [...open]) end?.(outOfTime());
    },
  };
}

function outOfTime(): GatewayError {
  return shuttingDown('This gateway shut down before the answer was complete; ask again.');
}

function shuttingDown(message: string): GatewayError {
  return new GatewayError('SHUTTING_DOWN', message, { retryAfterMs: retryAfterMs });
}

function overloaded(message: string): GatewayError {
  return new GatewayError('OVERLOADED', message, { retryAfterMs: retryAfterMs });
}
