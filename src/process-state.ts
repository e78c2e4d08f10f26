import { randomUUID } from 'node:crypto';
import { systemClock } from './clock.ts';
import type { Config } from './config/load.ts';
import { localOnly } from './core/key-cooldowns.ts';
import type { Log } from './core/ports.ts';
import type { OutputValidator } from './core/structured-output.ts';
import { createMemoryLedger } from './limits/memory-ledger.ts';
import { createMemoryRequestCounter } from './limits/request-counter.ts';
import type { SharedStores } from './redis/stores.ts';
import { createKeptStreams, type KeptStreamRegistry } from './resume/kept-streams.ts';
import { type Bulkhead, createBulkhead } from './routing/concurrency.ts';
import { createIdempotencyStore } from './routing/idempotency.ts';
import { createKeyPools, type KeyPools } from './routing/key-pools.ts';
import { createIdleConnections, type IdleConnections } from './server/idle-connections.ts';
import { createOutputValidator } from './structured-output/validator.ts';
import { createTelemetry, type Telemetry, type TelemetryParts } from './telemetry/telemetry.ts';
import { createMemoryCounts } from './usage/memory-counts.ts';

/** The state of the process, which survives a reload: counters, running requests, and what was learned about keys. */
export type ProcessState = {
  readonly stores: SharedStores;
  readonly telemetry: Telemetry;
  readonly bulkhead: Bulkhead;
  readonly keyPools: KeyPools;
  readonly streams: KeptStreamRegistry;
  readonly outputValidator: OutputValidator;
  readonly idleConnections: IdleConnections;
  readonly isStopping: boolean;
  /** From now on `/readyz` fails and requests are refused. Running requests go on. */
  drain(): void;
  /** Aborts the running requests. */
  abortAll(): void;
  close(): Promise<void>;
};

/** Benchmarks may pass another telemetry. */
export async function createProcessState(
  config: Config,
  log: Log,
  telemetryOf: (parts: TelemetryParts) => Telemetry = createTelemetry,
): Promise<ProcessState> {
  const stores = await openStores(config, log);
  const bulkhead = createBulkhead();
  const telemetry = telemetryOf({
    clock: systemClock,
    log,
    traces: config.traces,
    counts: stores.counts,
    keptStreams: () => streams.size(),
  });
  const streams = createKeptStreams({
    clock: systemClock,
    log,
    newId: randomUUID,
    observe: telemetry.observer.keptStream,
    shared: stores.openStreams?.({ onLost: () => telemetry.observer.keptStream('lost') }),
  });
  const outputValidator = createOutputValidator();
  let isStopping = false;
  return {
    stores,
    telemetry,
    bulkhead,
    keyPools: createKeyPools(),
    streams,
    outputValidator,
    idleConnections: createIdleConnections(),
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
      await streams.close();
      await stores.close();
      await outputValidator.close();
    },
  };
}

/** Stores in memory, or shared ones where a Redis is configured. */
async function openStores({ redis: { url, ...shares } }: Config, log: Log): Promise<SharedStores> {
  const idempotency = createIdempotencyStore(systemClock);
  if (url) {
    // Loaded on demand: a single gateway has no Redis client in memory.
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
