import { Redis } from 'ioredis';
import type { Clock, Log } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';

/** The shared Redis. It may be unavailable at any time; callers of this module have a fallback. */
export type RedisConnection = {
  readonly client: Redis;
  readonly isUnavailable: boolean;
  /** The result of a command, or undefined while Redis is unavailable. Never waits longer than `commandTimeoutMs`. */
  run<T>(question: (client: Redis) => Promise<T>): Promise<{ readonly value: T } | undefined>;
  /** Runs whenever Redis becomes available, also after the start. */
  onReconnect(run: () => void): void;
  close(): Promise<void>;
};

/** A slower Redis counts as unavailable. */
const commandTimeoutMs = 200;
/** How often an unavailable Redis is probed. No request waits for it. */
const probeMs = 500;
const connectMs = 2_000;

/** Connects in the background: the gateway starts and is alive without Redis. */
export async function connectRedis(url: Secret, clock: Clock, log: Log): Promise<RedisConnection> {
  const client = new Redis(url.reveal(), {
    lazyConnect: true,
    connectTimeout: connectMs,
    maxRetriesPerRequest: 1,
    // A command that was not sent in time is dropped: its request has been answered.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  });
  const listeners: (() => void)[] = [];
  let isAway = false;
  let isClosed = false;
  let stopProbing = () => {};

  function lost(err: unknown): void {
    if (isAway || isClosed) return;
    isAway = true;
    log.warn({ err }, 'Redis unavailable; falling back to local limits');
    probeSoon();
  }

  function probeSoon(): void {
    stopProbing();
    if (!isClosed) stopProbing = clock.after(probeMs, () => void probe());
  }

  /** A probe writes: a full Redis or a replica answers reads. */
  async function probe(): Promise<void> {
    try {
      await withTimeout(client.set('parley:probe', '1', 'PX', 10_000), clock);
    } catch (thrown) {
      lost(thrown);
      return probeSoon();
    }
    if (isClosed) return;
    isAway = false;
    log.info({}, 'Redis connected');
    for (const run of listeners) run();
  }

  client.on('error', lost);
  client.on('close', () => lost(new Error('The connection to Redis is closed')));
  await client.connect().then(probe, lost);

  return {
    client,
    get isUnavailable() {
      return isAway;
    },
    async run(question) {
      if (isAway) return undefined;
      try {
        return { value: await withTimeout(question(client), clock) };
      } catch (thrown) {
        lost(thrown);
        return undefined;
      }
    },
    onReconnect(run) {
      listeners.push(run);
      if (!isAway) run();
    },
    async close() {
      isClosed = true;
      stopProbing();
      // The last settlements are still on their way. An unavailable Redis is not waited for.
      if (!isAway) await withTimeout(client.quit(), clock).catch(() => {});
      client.disconnect();
    },
  };
}

/**
 * ioredis has a timeout too, but it fires late when this process is busy, and would then drop a response that has
 * arrived but was not read. So input is read first.
 */
function withTimeout<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`Redis did not answer within ${commandTimeoutMs} ms`));
    const stop = clock.after(commandTimeoutMs, () => setImmediate(giveUp));
    answer.then(resolve, reject).finally(stop);
  });
}
