import { Redis } from 'ioredis';
import type { Clock, Log } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';

/** The Redis that gateways share, which may be away at any time. Whoever asks it has something else to go by then. */
export type RedisConnection = {
  readonly client: Redis;
  readonly isUnavailable: boolean;
  /** What Redis says; or nothing, while it is away or when it is found to be. Never waits longer than `patienceMs`. */
  run<T>(question: (client: Redis) => Promise<T>): Promise<{ readonly value: T } | undefined>;
  /** Runs each time that it is there: now or soon after the start, and after each time away. */
  onReconnect(run: () => void): void;
  close(): Promise<void>;
};

/** A Redis that takes longer is as good as none. */
const commandTimeoutMs = 200;
/** How often one that is away is looked for. Nobody's call waits for that. */
const probeMs = 500;
const connectMs = 2_000;

/** Connects, or goes on without for now: no gateway needs Redis to start, or to say that it is alive. */
export async function connectRedis(url: Secret, clock: Clock, log: Log): Promise<RedisConnection> {
  const client = new Redis(url.reveal(), {
    lazyConnect: true,
    connectTimeout: connectMs,
    maxRetriesPerRequest: 1,
    // What could not be said in time is not said later: the caller has been answered.
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
    log.warn({ err }, 'Redis is away: this gateway goes by what it knows itself');
    probeSoon();
  }

  function probeSoon(): void {
    stopProbing();
    if (!isClosed) stopProbing = clock.after(probeMs, () => void probe());
  }

  /** By a write: a Redis that is full, or a replica, answers to others. */
  async function probe(): Promise<void> {
    try {
      await withTimeout(client.set('parley:probe', '1', 'PX', 10_000), clock);
    } catch (thrown) {
      lost(thrown);
      return probeSoon();
    }
    if (isClosed) return;
    isAway = false;
    log.info({}, 'Redis is there');
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
      // What was settled last is still on its way. One that is away is not waited for.
      if (!isAway) await withTimeout(client.quit(), clock).catch(() => {});
      client.disconnect();
    },
  };
}

/**
 * ioredis has a timeout of its own, which is late when this process is: it would call a Redis away whose answer has long come and
 * waits to be read. So what has come is read first.
 */
function withTimeout<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`Redis did not answer within ${commandTimeoutMs} ms`));
    const stop = clock.after(commandTimeoutMs, () => setImmediate(giveUp));
    answer.then(resolve, reject).finally(stop);
  });
}
