import type { Redis } from 'ioredis';
import type { Clock } from '../core/ports.ts';

/** An entry of a Redis stream: its id and fields. */
export type Entry = { readonly id: string; readonly fields: Readonly<Record<string, string>> };

export type StreamReader = {
  /** Calls back with each new entry of a Redis stream after an id, until the returned function is called. */
  follow(key: string, after: string, onEntries: (entries: readonly Entry[]) => void): () => void;
  close(): void;
};

type Followed = { after: string; readonly onEntries: (entries: readonly Entry[]) => void };

/** How long one XREAD waits. New streams wake it: see `wake`. */
const blockMs = 5_000;
const retryMs = 200;
/** Entries of one stream in one reply. */
const maxEntries = 200;

/**
 * Follows any number of Redis streams over one connection of its own, which blocks. `wake` makes the blocked read return, by
 * a write to a stream that is always followed.
 */
export function createStreamReader(client: Redis, clock: Clock, wake: () => void): StreamReader {
  const followed = new Map<string, Set<Followed>>();
  let connection: Redis | undefined;
  let isReading = false;
  let isClosed = false;

  async function read(): Promise<void> {
    if (isReading) return;
    isReading = true;
    while (!isClosed && followed.size > 0) {
      try {
        connection ??= client.duplicate({ lazyConnect: true, maxRetriesPerRequest: null, enableOfflineQueue: true });
        connection.removeAllListeners('error').on('error', () => {});
        const keys = [...followed.keys()];
        const ids = keys.map((key) => oldestOf(followed.get(key)));
        const reply = await connection.xread('COUNT', maxEntries, 'BLOCK', blockMs, 'STREAMS', ...keys, ...ids);
        for (const [key, entries] of reply ?? []) deliver(key, entries.map(toEntry));
      } catch {
        await new Promise<void>((resolve) => void clock.after(retryMs, resolve));
      }
    }
    isReading = false;
  }

  function deliver(key: string, entries: readonly Entry[]): void {
    for (const one of followed.get(key) ?? []) {
      const news = entries.filter(({ id }) => isAfter(id, one.after));
      const last = news.at(-1);
      if (!last) continue;
      one.after = last.id;
      one.onEntries(news);
    }
  }

  return {
    follow(key, after, onEntries) {
      const one: Followed = { after, onEntries };
      const ofKey = followed.get(key) ?? new Set();
      followed.set(key, ofKey.add(one));
      if (isReading) wake();
      else void read();
      return () => {
        ofKey.delete(one);
        if (ofKey.size === 0) followed.delete(key);
      };
    },
    close() {
      isClosed = true;
      connection?.disconnect();
    },
  };
}

function oldestOf(followed: ReadonlySet<Followed> | undefined): string {
  return [...(followed ?? [])].map(({ after }) => after).reduce((a, b) => (isAfter(a, b) ? b : a));
}

/** Ids are "milliseconds-number". */
function isAfter(a: string, b: string): boolean {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return aMs === bMs ? aNumber > bNumber : aMs > bMs;
}

export function toEntry([id, pairs]: [id: string, fields: string[]]): Entry {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < pairs.length; index += 2) fields[pairs[index] ?? ''] = pairs[index + 1] ?? '';
  return { id, fields };
}
