import { LRUCache } from 'lru-cache';
import { anonymous, type Caller } from '../core/caller.ts';
import type { Clock } from '../core/ports.ts';
import { HttpError } from '../http/http-error.ts';

/**
 * Limits the processor's time of requests that no other limit counts: refused ones, and free ones such as `models` and
 * introspection. A request that is admitted by its caller's limits costs nothing here.
 */
export type WorkLimit = {
  /** Throws 429 with Retry-After where the client has used its time of this minute. */
  check(client: string): void;
  add(client: string, ms: number): void;
};

/** What a refused credential counts as, in milliseconds of work: a hash, or the verification of a JWT. */
export const refusedCredentialMs = 1;

/** The client that a caller's work is counted for. Anonymous callers are identified by their address. */
export function workKey({ id }: Caller, address: string): string {
  return id === anonymous.id ? address : id;
}

const minuteMs = 60_000;
/** Clients that are remembered. Least recently seen ones are forgotten. */
const maxClients = 10_000;

type Window = { readonly endsAt: number; usedMs: number };

export function createWorkLimit(clock: Clock, maxMsPerMinute: () => number): WorkLimit {
  const windows = new LRUCache<string, Window>({ max: maxClients });

  function windowOf(client: string): Window {
    const now = clock.now();
    const known = windows.get(client);
    if (known && known.endsAt > now) return known;
    const window = { endsAt: now + minuteMs, usedMs: 0 };
    windows.set(client, window);
    return window;
  }

  return {
    check(client) {
      const known = windows.get(client);
      const max = maxMsPerMinute();
      if (!known || known.usedMs < max) return;
      const leftMs = known.endsAt - clock.now();
      if (leftMs <= 0) return;
      const seconds = Math.ceil(leftMs / 1000);
      const message = `Refused and free requests of this client took ${max} ms of processor time in this minute (server.freeWorkMsPerMinute). Retry in ${seconds} s.`;
      throw new HttpError(429, 'RATE_LIMITED', message, { 'retry-after': String(seconds) });
    },
    add(client, ms) {
      windowOf(client).usedMs += ms;
    },
  };
}
