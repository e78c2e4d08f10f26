import { describe, expect, it } from 'vitest';
import { openMemoryGateway, outcomeOf, policy, type Sent, settled } from '../support/memory-gateway.ts';
import { seededChance } from '../support/seeded-chance.ts';

/** A provider is down for a minute, at 200 calls a second. Time is simulated, chance is seeded. */

const callsPerSecond = 200;
const stepMs = 1000 / callsPerSecond;
const outage = { from: 10_000, to: 70_000 };
const endsAt = 100_000;

type Outage = {
  readonly calls: number;
  readonly sent: readonly Sent[];
  /** Calls that were answered, by the time at which they were made. */
  readonly answered: readonly number[];
};

async function simulate(modelOf: (call: number) => string, seed: number): Promise<Outage> {
  const { gateway, clock, sent } = openMemoryGateway({
    providers: { acme: [] },
    answer: ({ at }) => (at >= outage.from && at < outage.to ? { status: 503 } : {}),
    chance: seededChance(seed),
  });
  const answered: number[] = [];
  const running: Promise<void>[] = [];
  let calls = 0;
  for (; clock.now() < endsAt; clock.pass(stepMs)) {
    const madeAt = clock.now();
    calls += 1;
    running.push(
      outcomeOf(gateway, { model: `acme/${modelOf(calls)}` }).then(({ code }) => {
        if (code === 'OK') answered.push(madeAt);
      }),
    );
    await settled();
  }
  for (let left = 0; left < 30_000; left += 100) {
    clock.pass(100);
    await settled();
  }
  await Promise.all(running);
  return { calls, sent, answered };
}

/** Requests at the provider during the outage, and calls of callers in that time. */
function amplification({ sent }: Outage): number {
  const during = sent.filter(({ at }) => at >= outage.from && at < outage.to);
  return during.length / (((outage.to - outage.from) / 1000) * callsPerSecond);
}

/** The largest share of retries within a tenth of a second. */
function largestBurst({ sent }: Outage, perBucket: number): number {
  const buckets = new Map<number, number>();
  for (const { at } of sent) {
    if (at >= outage.from && at < outage.to)
      buckets.set(Math.floor(at / 100), (buckets.get(Math.floor(at / 100)) ?? 0) + 1);
  }
  const repeats = [...buckets.values()].map((count) => Math.max(0, count - perBucket));
  return (
    Math.max(...repeats) /
    Math.max(
      1,
      repeats.reduce((sum, count) => sum + count, 0),
    )
  );
}

function recoveredAfterMs({ answered }: Outage): number {
  return Math.min(...answered.filter((at) => at >= outage.to)) - outage.to;
}

describe('an outage of a minute at 200 calls a second', () => {
  it('reaches the provider as a few probes, and ends with the first successful one', async () => {
    const seen = await simulate(() => 'a', 1);
    const recovered = recoveredAfterMs(seen);
    console.log(
      `with breaker: ${amplification(seen).toFixed(4)} upstream calls for each call, recovered after ${recovered} ms`,
    );
    expect(amplification(seen)).toBeLessThan(0.01);
    // The longest time that a breaker stays open, and a tenth for jitter.
    expect(recovered).toBeLessThanOrEqual(policy.breaker.maxOpenMs * 1.1);
    const after = seen.answered.filter((at) => at >= outage.to + recovered);
    expect(after).toHaveLength((endsAt - outage.to - recovered) / stepMs);
  }, 60_000);

  it('is not amplified by retries without a breaker, each call being for another model: they have a budget, and jitter', async () => {
    const seen = await simulate((call) => `model-${call}`, 2);
    const burst = largestBurst(seen, callsPerSecond / 10);
    console.log(
      `without breaker: ${amplification(seen).toFixed(3)} upstream calls for each call, ${(burst * 100).toFixed(1)} % of the repeats in the busiest tenth of a second`,
    );
    expect(amplification(seen)).toBeGreaterThan(1);
    expect(amplification(seen)).toBeLessThanOrEqual(1.2);
    expect(burst).toBeLessThan(0.1);
    // Retries of calls from before the end of the outage may succeed after it.
    expect(recoveredAfterMs(seen)).toBe(0);
  }, 60_000);
});
