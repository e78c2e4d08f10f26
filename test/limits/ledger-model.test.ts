import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ledger, LedgerLimits, LedgerReservation } from '../../src/limits/ledger.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { createRedisLedger } from '../../src/redis/ledger.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';

/** Random sequences of reserving, settling, settling again and dying, compared with a trivial model. */

type Step =
  | { readonly kind: 'reserve'; readonly nanoUsd: number; readonly isStream: boolean }
  | { readonly kind: 'settle' | 'again' | 'die'; readonly which: number; readonly nanoUsd: number }
  | { readonly kind: 'wait' };

const which = fc.nat({ max: 20 });
const nanoUsd = fc.nat({ max: 40 });
const kind = fc.constantFrom('settle' as const, 'again' as const, 'die' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('reserve' as const), nanoUsd, isStream: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind, which, nanoUsd }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wait' as const }) },
);

const bounds: LedgerLimits = { tokensPerMinute: undefined, concurrentStreams: 3, nanoUsdPerDay: 100 };
const leaseMs = 30_000;

type Call = { readonly reservation: LedgerReservation; state: 'runs' | 'dead' | 'settled' };

/** What the calls of a caller hold and have spent; `wait` expires all leases that are not renewed. */
async function follow(ledger: Ledger, steps: readonly Step[], wait: (() => void) | undefined): Promise<void> {
  const caller = randomUUID();
  const calls: Call[] = [];
  let held: Call[] = [];
  let spent = 0;
  for (const one of steps) {
    switch (one.kind) {
      case 'reserve': {
        const { nanoUsd, isStream } = one;
        const reservation: LedgerReservation = { id: randomUUID(), caller, tokens: 0, nanoUsd, isStream };
        const sum = held.reduce((total, call) => total + call.reservation.nanoUsd, spent);
        const streams = held.filter((call) => call.reservation.isStream).length;
        const expected =
          isStream && streams >= 3 ? 'streams' : spent >= 100 ? 'spent' : sum >= 100 ? 'held' : undefined;
        expect((await ledger.reserve(reservation, bounds)).shortage).toBe(expected);
        if (expected) break;
        const call: Call = { reservation, state: 'runs' };
        calls.push(call);
        held.push(call);
        break;
      }
      case 'settle':
      case 'again':
      case 'die': {
        const call = calls[one.which % (calls.length || 1)];
        if (!call || (one.kind === 'again') !== (call.state === 'settled')) break;
        if (one.kind === 'die') {
          call.state = 'dead';
          break;
        }
        await ledger.settle(call.reservation, { tokens: 0, nanoUsd: one.nanoUsd });
        if (one.kind === 'settle') spent += one.nanoUsd;
        call.state = 'settled';
        held = held.filter((other) => other !== call);
        break;
      }
      case 'wait':
        if (!wait) break;
        // Live processes renew in time, dead ones do not.
        wait();
        for (const { reservation, state } of calls) if (state === 'runs') await ledger.renew(reservation);
        wait();
        held = held.filter(({ state }) => state === 'runs');
        break;
    }
  }
}

const steps = fc.array(step, { maxLength: 60 });

describe('for any sequence of events', () => {
  it('the ledger in memory holds running calls, has spent settled ones, and releases dead ones', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = createFakeClock();
        await follow(createMemoryLedger(clock), all, () => clock.pass(leaseMs * 0.6));
      }),
      { numRuns: 300 },
    );
  });

  describe.skipIf(!hasRedis)('with a Redis', () => {
    let server: RedisServer;
    let client: Redis;
    beforeAll(async () => {
      server = await startRedis();
      client = new Redis(server.url);
    });
    afterAll(async () => {
      client.disconnect();
      await server[Symbol.asyncDispose]();
    });

    it('the ledger there does the same, as long as no lease expires', async () => {
      await fc.assert(
        fc.asyncProperty(steps, (all) => follow(createRedisLedger(client), all, undefined)),
        { numRuns: 60 },
      );
    });
  });
});
