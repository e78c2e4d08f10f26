import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { IdempotencyStore } from '../../src/core/idempotency.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Ledger, LedgerLimits, LedgerReservation, LedgerTimes } from '../../src/limits/ledger.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { createMemoryRequestCounter, type RequestCounter } from '../../src/limits/request-counter.ts';
import { connectRedis, type RedisConnection } from '../../src/redis/connection.ts';
import { createSharedIdempotencyStore } from '../../src/redis/idempotency.ts';
import { createRedisLedger } from '../../src/redis/ledger.ts';
import { createRedisRequestCounter } from '../../src/redis/request-counter.ts';
import { createIdempotencyStore } from '../../src/routing/idempotency.ts';
import { realClock } from '../support/real-clock.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';

/** The store in memory and the store in Redis follow one contract. */

type Stores = {
  ledger(times?: LedgerTimes): Ledger;
  counter(): RequestCounter;
  ids(times: { leaseMs: number; keptMs: number }): IdempotencyStore;
};

const inMemory: Stores = {
  ledger: (times) => createMemoryLedger(realClock, times),
  counter: () => createMemoryRequestCounter(),
  ids: ({ keptMs }) => createIdempotencyStore(realClock, keptMs),
};

const open = { tokensPerMinute: undefined, concurrentStreams: undefined, nanoUsdPerDay: undefined };

function newReservation(more: Partial<LedgerReservation> = {}): LedgerReservation {
  return { id: randomUUID(), caller: 'web', tokens: 0, nanoUsd: 0, isStream: false, ...more };
}

function keepsTheContract(stores: () => Stores): void {
  describe('the ledger', () => {
    const ask = (
      ledger: Ledger,
      caller: string,
      bounds: Partial<LedgerLimits>,
      more: Partial<LedgerReservation> = {},
    ) => ledger.reserve(newReservation({ caller, ...more }), { ...open, ...bounds });

    it('admits a caller while something is left, whatever the call may use', async () => {
      const ledger = stores().ledger();
      const caller = randomUUID();
      const first = await ask(ledger, caller, { tokensPerMinute: 100 }, { tokens: 5_000 });
      expect(first).toMatchObject({ shortage: undefined, tokens: 5_000 });
      const second = await ask(ledger, caller, { tokensPerMinute: 100 }, { tokens: 1 });
      expect(second).toMatchObject({ shortage: 'tokens', tokens: 5_000 });
      expect(second.minuteMs).toBeGreaterThan(0);
      expect(second.minuteMs).toBeLessThanOrEqual(60_000);
      expect((await ask(ledger, `${caller}-other`, { tokensPerMinute: 100 })).shortage).toBeUndefined();
    });

    it('replaces the reservation by the use', async () => {
      const ledger = stores().ledger();
      const reservation = newReservation({ caller: randomUUID(), tokens: 800 });
      await ledger.reserve(reservation, open);
      await ledger.settle(reservation, { tokens: 300, nanoUsd: 0 });
      expect((await ask(ledger, reservation.caller, { tokensPerMinute: 1_000 })).tokens).toBe(300);
    });

    it('ignores a second settlement', async () => {
      const ledger = stores().ledger();
      const reservation = newReservation({ caller: randomUUID(), tokens: 800, nanoUsd: 50, isStream: true });
      const other = newReservation({ caller: reservation.caller, isStream: true });
      await ledger.reserve(reservation, open);
      await ledger.reserve(other, open);
      await ledger.settle(reservation, { tokens: 300, nanoUsd: 40 });
      await ledger.settle(reservation, { tokens: 300, nanoUsd: 40 });
      await ledger.renew(reservation);
      const { tokens, shortage } = await ask(ledger, reservation.caller, { nanoUsdPerDay: 41 });
      expect({ tokens, shortage }).toEqual({ tokens: 300, shortage: undefined });
      expect((await ask(ledger, reservation.caller, { concurrentStreams: 1 }, { isStream: true })).shortage).toBe(
        'streams',
      );
      expect((await ask(ledger, reservation.caller, { nanoUsdPerDay: 40 })).shortage).toBe('spent');
    });

    it('counts only streams as streams, each until it ends', async () => {
      const ledger = stores().ledger();
      const caller = randomUUID();
      const stream = newReservation({ caller, isStream: true });
      await ask(ledger, caller, {});
      expect((await ledger.reserve(stream, { ...open, concurrentStreams: 1 })).shortage).toBeUndefined();
      expect((await ask(ledger, caller, { concurrentStreams: 1 }, { isStream: true })).shortage).toBe('streams');
      expect((await ask(ledger, caller, { concurrentStreams: 1 })).shortage).toBeUndefined();
      await ledger.settle(stream, { tokens: 0, nanoUsd: 0 });
      expect((await ask(ledger, caller, { concurrentStreams: 1 }, { isStream: true })).shortage).toBeUndefined();
    });

    it('distinguishes reserved from spent money', async () => {
      const ledger = stores().ledger();
      const reservation = newReservation({ caller: randomUUID(), nanoUsd: 70 });
      const bounds = { nanoUsdPerDay: 70 };
      await ledger.reserve(reservation, { ...open, ...bounds });
      expect((await ask(ledger, reservation.caller, bounds)).shortage).toBe('held');
      await ledger.settle(reservation, { tokens: 0, nanoUsd: 30 });
      expect((await ask(ledger, reservation.caller, bounds, { nanoUsd: 5 })).shortage).toBeUndefined();
      const { shortage, dayMs } = await ask(ledger, reservation.caller, { nanoUsdPerDay: 30 });
      expect(shortage).toBe('spent');
      expect(dayMs).toBeGreaterThan(0);
      expect(dayMs).toBeLessThanOrEqual(24 * 60 * 60_000);
    });

    it('keeps sums of large and small money exact', async () => {
      const ledger = stores().ledger();
      const caller = randomUUID();
      const spend = async (nanoUsd: number) => {
        const reservation = newReservation({ caller, nanoUsd });
        await ledger.reserve(reservation, open);
        await ledger.settle(reservation, { tokens: 0, nanoUsd });
      };
      await spend(1e15);
      await spend(1);
      expect((await ask(ledger, caller, { nanoUsdPerDay: 1e15 + 1 })).shortage).toBe('spent');
      expect((await ask(ledger, caller, { nanoUsdPerDay: 1e15 + 2 })).shortage).toBeUndefined();
    });

    it('releases a lease that is not renewed, and charges it when it is settled later', async () => {
      const ledger = stores().ledger({ leaseMs: 60, minuteMs: 60_000 });
      const reservation = newReservation({ caller: randomUUID(), nanoUsd: 70, isStream: true });
      const bounds = { nanoUsdPerDay: 70, concurrentStreams: 1 };
      await ledger.reserve(reservation, open);
      await expect
        .poll(async () => (await ask(ledger, reservation.caller, bounds, { isStream: true })).shortage)
        .toBeUndefined();
      await ledger.settle(reservation, { tokens: 0, nanoUsd: 70 });
      await ledger.settle(reservation, { tokens: 0, nanoUsd: 70 });
      expect((await ask(ledger, reservation.caller, { nanoUsdPerDay: 70 })).shortage).toBe('spent');
      expect((await ask(ledger, reservation.caller, { nanoUsdPerDay: 71 })).shortage).toBeUndefined();
    });

    it('keeps what is renewed', async () => {
      const ledger = stores().ledger({ leaseMs: 250, minuteMs: 60_000 });
      const [kept, left] = [
        newReservation({ caller: randomUUID(), isStream: true }),
        newReservation({ caller: randomUUID(), isStream: true }),
      ];
      await ledger.reserve(kept, open);
      await ledger.reserve(left, open);
      const shortage = async ({ caller }: LedgerReservation) =>
        (await ledger.reserve(newReservation({ caller, isStream: true }), { ...open, concurrentStreams: 1 })).shortage;
      await expect
        .poll(async () => {
          await ledger.renew(kept);
          return shortage(left);
        })
        .toBeUndefined();
      expect(await shortage(kept)).toBe('streams');
    });

    it('reports what is used and reserved, without a side effect', async () => {
      const ledger = stores().ledger({ leaseMs: 60_000, minuteMs: 80 });
      const caller = randomUUID();
      expect(await ledger.balance(caller)).toEqual({ tokens: 0, streams: 0, nanoUsd: 0 });
      const settled = newReservation({ caller, tokens: 10, nanoUsd: 500, isStream: true });
      await ledger.reserve(settled, open);
      await ledger.reserve(newReservation({ caller, tokens: 7, nanoUsd: 30, isStream: true }), open);
      expect(await ledger.balance(caller)).toEqual({ tokens: 17, streams: 2, nanoUsd: 530 });
      await ledger.settle(settled, { tokens: 10, nanoUsd: 400 });
      expect(await ledger.balance(caller)).toEqual({ tokens: 17, streams: 1, nanoUsd: 430 });
      // The minute is over, and reading the status has not begun another.
      await expect.poll(() => ledger.balance(caller)).toEqual({ tokens: 0, streams: 1, nanoUsd: 430 });
    });

    it('omits expired leases from it', async () => {
      const ledger = stores().ledger({ leaseMs: 60, minuteMs: 60_000 });
      const caller = randomUUID();
      await ledger.reserve(newReservation({ caller, tokens: 5, nanoUsd: 30, isStream: true }), open);
      await expect.poll(() => ledger.balance(caller)).toEqual({ tokens: 5, streams: 0, nanoUsd: 0 });
    });

    it('resets each minute', async () => {
      const ledger = stores().ledger({ leaseMs: 60_000, minuteMs: 80 });
      const reservation = newReservation({ caller: randomUUID(), tokens: 10 });
      const bounds = { tokensPerMinute: 10 };
      await ledger.reserve(reservation, { ...open, ...bounds });
      await expect
        .poll(async () => (await ask(ledger, reservation.caller, bounds, { tokens: 1 })).shortage)
        .toBeUndefined();
      // Use beyond the reservation counts in the minute in which it becomes known; unused reservations of the past are dropped.
      await ledger.settle(reservation, { tokens: 4, nanoUsd: 0 });
      expect((await ask(ledger, reservation.caller, bounds)).tokens).toBeLessThanOrEqual(1);
    });

    it('admits exactly the limit of 500 concurrent calls', async () => {
      const ledger = stores().ledger();
      const caller = randomUUID();
      const bounds = { ...open, nanoUsdPerDay: 1_000 };
      const all = Array.from({ length: 500 }, () => newReservation({ caller, nanoUsd: 30 }));
      const reserved = await Promise.all(all.map((one) => ledger.reserve(one, bounds)));
      // 33 hold 990; one more is admitted for the remaining 10, and no other.
      expect(reserved.filter(({ shortage }) => shortage === undefined)).toHaveLength(34);
    });
  });

  describe('the request counter', () => {
    it('admits exactly the limit of 300 concurrent requests, per caller', async () => {
      const counter = stores().counter();
      const [one, other] = [randomUUID(), randomUUID()];
      const counted = await Promise.all(Array.from({ length: 300 }, () => counter.count(one, 100)));
      expect(counted.filter(({ isOver }) => !isOver)).toHaveLength(100);
      expect(await counter.count(other, 100)).toMatchObject({ isOver: false, limit: 100, remaining: 99 });
    });

    it('reports the count without counting', async () => {
      const counter = stores().counter();
      const caller = randomUUID();
      expect(await counter.current(caller, 3)).toBe(0);
      await counter.count(caller, 3);
      expect([await counter.current(caller, 3), await counter.current(caller, 3)]).toEqual([1, 1]);
    });

    it('reports what is left, and the end of the minute', async () => {
      const counter = stores().counter();
      const caller = randomUUID();
      await counter.count(caller, 3);
      const { remaining, resetMs } = await counter.count(caller, 3);
      expect(remaining).toBe(1);
      expect(resetMs).toBeGreaterThan(0);
      expect(resetMs).toBeLessThanOrEqual(60_000);
    });
  });

  describe('a request id', () => {
    const taken = (ids: IdempotencyStore, id: string) =>
      ids.claim(anonymous, id).then(
        () => 'free',
        ({ message }: Error) => message,
      );

    it('is claimed while its request runs, and for a while afterwards', async () => {
      const ids = stores().ids({ leaseMs: 150, keptMs: 400 });
      const id = randomUUID();
      const giveBack = await ids.claim(anonymous, id);
      expect(await taken(ids, id)).toContain('is still running');
      giveBack(true);
      expect(await taken(ids, id)).toContain('ended less than five minutes ago');
      await expect.poll(() => taken(ids, id), { interval: 20 }).toBe('free');
    });

    it('is free at once if nothing was spent on it', async () => {
      const ids = stores().ids({ leaseMs: 1_000, keptMs: 60_000 });
      const id = randomUUID();
      (await ids.claim(anonymous, id))(false);
      expect(await taken(ids, id)).toBe('free');
    });

    it('is given to one of many concurrent claims', async () => {
      const ids = stores().ids({ leaseMs: 1_000, keptMs: 60_000 });
      const id = randomUUID();
      const told = await Promise.all(Array.from({ length: 50 }, () => taken(ids, id)));
      expect(told.filter((state) => state === 'free')).toHaveLength(1);
    });

    it('is claimed per caller', async () => {
      const ids = stores().ids({ leaseMs: 1_000, keptMs: 60_000 });
      const id = randomUUID();
      await ids.claim({ ...anonymous, id: 'somebody else' }, id);
      expect(await taken(ids, id)).toBe('free');
    });
  });
}

describe('in memory', () => keepsTheContract(() => inMemory));

describe.skipIf(!hasRedis)('in Redis', () => {
  let server: RedisServer;
  let redis: RedisConnection;
  let second: Redis;
  beforeAll(async () => {
    server = await startRedis();
    const log = { info() {}, warn() {}, error() {} };
    redis = await connectRedis(new Secret(server.url), realClock, log);
    second = new Redis(server.url);
  });
  afterAll(async () => {
    await redis.close();
    second.disconnect();
    await server[Symbol.asyncDispose]();
  });

  keepsTheContract(() => ({
    ledger: (times) => createRedisLedger(redis.client, times),
    counter: () => createRedisRequestCounter(redis.client),
    ids: (times) =>
      createSharedIdempotencyStore({ redis, local: createIdempotencyStore(realClock, 0), clock: realClock, ...times }),
  }));

  it('two gateways share the limits of a caller', async () => {
    const ledgers = [createRedisLedger(redis.client), createRedisLedger(second)];
    const caller = randomUUID();
    const reserved = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        ledgers[index % 2]?.reserve(newReservation({ caller, isStream: true }), { ...open, concurrentStreams: 20 }),
      ),
    );
    expect(reserved.filter((one) => one?.shortage === undefined)).toHaveLength(20);
  });

  it('a running id is renewed, so that it stays claimed for another gateway', async () => {
    const leaseMs = 120;
    const ids = () =>
      createSharedIdempotencyStore({ redis, local: createIdempotencyStore(realClock), clock: realClock, leaseMs });
    const [here, there] = [ids(), ids()];
    const giveBack = await here.claim(anonymous, 'long');
    const until = performance.now() + 3 * leaseMs;
    await expect.poll(() => performance.now() > until).toBe(true);
    await expect(there.claim(anonymous, 'long')).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST' });
    giveBack(false);
    await expect
      .poll(() =>
        there.claim(anonymous, 'long').then(
          () => 'free',
          () => 'taken',
        ),
      )
      .toBe('free');
  });

  it('every key expires', async () => {
    const keys = await second.keys('parley:*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(await second.pttl(key), key).toBeGreaterThan(0);
  });
});
