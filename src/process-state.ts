import { systemClock } from './clock.ts';
import type { Config } from './config/load.ts';
import { localOnly } from './core/key-cooldowns.ts';
import type { Log } from './core/ports.ts';
import { createMemoryLedger } from './limits/memory-ledger.ts';
import { createMemoryRequestCounter } from './limits/request-counter.ts';
import type { SharedStores } from './redis/stores.ts';
import { type Bulkhead, createBulkhead } from './routing/concurrency.ts';
import { createIdempotencyStore } from './routing/idempotency.ts';
import { createKeyPools, type KeyPools } from './routing/key-pools.ts';
import { createTelemetry, type Telemetry, type TelemetryParts } from './telemetry/telemetry.ts';
import { createMemoryCounts } from './usage/memory-counts.ts';

/** What a process has once, and keeps when its settings are replaced: its counts, its open calls, and what it has learnt. */
export type ProcessState = {
  readonly stores: SharedStores;
  readonly telemetry: Telemetry;
  readonly bulkhead: Bulkhead;
  readonly keyPools: KeyPools;
  readonly isStopping: boolean;
  /** From now on `/readyz` says no, and calls are refused. Those that are open go on. */
  drain(): void;
  /** Ends the calls that are still open. */
  abortAll(): void;
  close(): Promise<void>;
};

/** Who keeps count of calls can be told otherwise, to weigh it. */
export async function createProcessState(
  config: Config,
  log: Log,
  telemetryOf: (parts: TelemetryParts) => Telemetry = createTelemetry,
): Promise<ProcessState> {
  const stores = await openStores(config, log);
  const bulkhead = createBulkhead();
  const telemetry = telemetryOf({ clock: systemClock, log, traces: config.traces, counts: stores.counts });
  let isStopping = false;
  return {
    stores,
    telemetry,
    bulkhead,
    keyPools: createKeyPools(),
    get isStopping() {
      return isStopping;
    },
    drain() {
      isStopping = true;
      bulkhead.close();
    },
    abortAll: bulkhead.abortAll,
    async close() {
      telemetry.flush();
      await stores.close();
    },
  };
}

/** What is counted in this process, or together with others where there is a Redis. */
async function openStores({ redis: { url, ...shares } }: Config, log: Log): Promise<SharedStores> {
  const idempotency = createIdempotencyStore(systemClock);
  if (url) {
    // Whoever runs one gateway has no Redis client in memory.
    const { openSharedStores } = await import('./redis/stores.ts');
    return await openSharedStores({ url, shares, idempotency: idempotency, clock: systemClock, log });
  }
  return {
    requests: createMemoryRequestCounter(),
    ledger: createMemoryLedger(systemClock),
    idempotency,
    cooldowns: localOnly,
    counts: createMemoryCounts(systemClock),
    close: async () => {},
  };
}
