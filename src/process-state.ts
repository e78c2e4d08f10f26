import { systemClock } from './clock.ts';
import type { Config } from './config/load.ts';
import { nobodyElse } from './core/key-cooldowns.ts';
import type { Log } from './core/ports.ts';
import { createMemoryLedger } from './limits/memory-ledger.ts';
import { createMemoryRequestCounter } from './limits/request-counter.ts';
import type { SharedStores } from './redis/stores.ts';
import { createOpenCalls, type OpenCalls } from './routing/concurrency.ts';
import { createRequestIds } from './routing/idempotency.ts';
import { createKeyRings, type KeyRings } from './routing/key-pools.ts';
import { createTelemetry, type Telemetry, type TelemetryParts } from './telemetry/telemetry.ts';
import { createMemoryCounts } from './usage/memory-counts.ts';

/** What a process has once, and keeps when its settings are replaced: its counts, its open calls, and what it has learnt. */
export type Lasting = {
  readonly stores: SharedStores;
  readonly telemetry: Telemetry;
  readonly openCalls: OpenCalls;
  readonly keyRings: KeyRings;
  readonly isStopping: boolean;
  /** From now on `/readyz` says no, and calls are refused. Those that are open go on. */
  drain(): void;
  /** Ends the calls that are still open. */
  cut(): void;
  close(): Promise<void>;
};

/** Who keeps count of calls can be told otherwise, to weigh it. */
export async function openLasting(
  config: Config,
  log: Log,
  telemetryOf: (parts: TelemetryParts) => Telemetry = createTelemetry,
): Promise<Lasting> {
  const stores = await openStores(config, log);
  const openCalls = createOpenCalls();
  const telemetry = telemetryOf({ clock: systemClock, log, traces: config.traces, counts: stores.counts });
  let isStopping = false;
  return {
    stores,
    telemetry,
    openCalls,
    keyRings: createKeyRings(),
    get isStopping() {
      return isStopping;
    },
    drain() {
      isStopping = true;
      openCalls.close();
    },
    cut: openCalls.cut,
    async close() {
      telemetry.clear();
      await stores.close();
    },
  };
}

/** What is counted in this process, or together with others where there is a Redis. */
async function openStores({ redis: { url, ...shares } }: Config, log: Log): Promise<SharedStores> {
  const requestIds = createRequestIds(systemClock);
  if (url) {
    // Whoever runs one gateway has no Redis client in memory.
    const { openSharedStores } = await import('./redis/stores.ts');
    return await openSharedStores({ url, shares, requestIds, clock: systemClock, log });
  }
  return {
    requests: createMemoryRequestCounter(),
    ledger: createMemoryLedger(systemClock),
    requestIds,
    rests: nobodyElse,
    counts: createMemoryCounts(systemClock),
    close: async () => {},
  };
}
