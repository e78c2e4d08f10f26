import { anonymous, type Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';

/** How many requests may run at once. More are refused, not queued. */
export type ConcurrencyLimits = {
  /** Of all callers and providers together. */
  readonly max: number;
  /** Of one provider. Less than `max`, so that a provider that hangs leaves room for the others. */
  readonly maxPerProvider: number;
};

/**
 * Counts the requests that this process is running. There is no queue: queued requests hold memory, time out anyway, and hide
 * overload from the load balancer.
 */
export type Bulkhead = {
  /** The error that a request would get now: SHUTTING_DOWN or OVERLOADED. Undefined while requests are admitted. */
  admissionError(limits: ConcurrencyLimits): GatewayError | undefined;
  /** Admits one request, or throws that error. */
  acquire(limits: ConcurrencyLimits, caller?: Caller): Permit;
  /** Admits one attempt at a provider, or throws OVERLOADED. */
  acquireProvider(provider: string, limits: ConcurrencyLimits): ProviderPermit;
  /** Admits no more requests. */
  close(): void;
  /** Aborts the requests that still run: each ends with its terminal event. */
  abortAll(): void;
  /** Aborts the running requests of some callers, for the given reason. Returns how many. */
  abortWhere(isAborted: (caller: Caller) => boolean, reason: GatewayError): number;
};

export type Permit = {
  /** Registers how the request is aborted. Calls it at once when `abortAll` has run before. */
  onAbort(abort: (reason: GatewayError) => void): void;
  /** Only the first call counts. */
  release(): void;
};

export type ProviderPermit = Pick<Permit, 'release'>;

/** By then the gateway has room again, is back, or another one is asked. */
const retryAfterMs = 1_000;

type Running = { readonly caller: Caller; abort: ((reason: GatewayError) => void) | undefined };

export function createBulkhead(): Bulkhead {
  const running = new Set<Running>();
  const attempts = new Map<string, number>();
  let state: 'open' | 'closed' | 'aborted' = 'open';

  function admissionError({ max }: ConcurrencyLimits): GatewayError | undefined {
    if (state !== 'open') return shuttingDown('The gateway is shutting down and accepts no new requests. Retry.');
    if (running.size < max) return undefined;
    return overloaded(`Too many concurrent requests (limit ${max}, concurrency.max). Retry later.`);
  }

  return {
    admissionError,
    acquire(limits, caller = anonymous) {
      const error = admissionError(limits);
      if (error) throw error;
      const request: Running = { caller, abort: undefined };
      running.add(request);
      return {
        onAbort(abort) {
          request.abort = abort;
          if (state === 'aborted') abort(outOfTime());
        },
        release: () => void running.delete(request),
      };
    },
    acquireProvider(provider, { maxPerProvider }) {
      const busy = attempts.get(provider) ?? 0;
      if (busy >= maxPerProvider) {
        const limit = `limit ${maxPerProvider}, concurrency.maxPerProvider`;
        throw overloaded(`Too many concurrent requests to ${provider} (${limit}). Retry later.`);
      }
      attempts.set(provider, busy + 1);
      let isReleased = false;
      return {
        release() {
          if (isReleased) return;
          isReleased = true;
          attempts.set(provider, (attempts.get(provider) ?? 0) - 1);
        },
      };
    },
    close() {
      state = 'closed';
    },
    abortWhere(isAborted, reason) {
      const some = [...running].filter(({ caller, abort }) => abort !== undefined && isAborted(caller));
      for (const { abort } of some) abort?.(reason);
      return some.length;
    },
    abortAll() {
      state = 'aborted';
      for (const { abort } of [...running]) abort?.(outOfTime());
    },
  };
}

function outOfTime(): GatewayError {
  return shuttingDown('The gateway shut down before the answer was complete. Retry.');
}

function shuttingDown(message: string): GatewayError {
  return new GatewayError('SHUTTING_DOWN', message, { retryAfterMs });
}

function overloaded(message: string): GatewayError {
  return new GatewayError('OVERLOADED', message, { retryAfterMs });
}
