import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '../../src/core/model.ts';
import type { CostOf } from '../../src/core/operation.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { inputBytes } from '../../src/routing/token-estimate.ts';
import { createUsageMeter } from '../../src/routing/usage-meter.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { request, target } from '../support/requests.ts';

describe('the cost of hidden reasoning', () => {
  const dollarPerMillion: CostOf = (_target, { outputTokens = 0 }) => outputTokens / 1_000_000;

  function leftAfter(ms: number, fields: object = {}, facts: Partial<ModelFacts> = { reasoning: {} }): number {
    const clock = createFakeClock();
    const meter = createUsageMeter(request({ maxTokens: 100_000, ...fields }), 'stream', dollarPerMillion, clock);
    meter.onSent(target('acme/a', facts));
    clock.pass(ms);
    meter.onFailure('CANCELLED', undefined);
    return meter.total().usd ?? 0;
  }

  it('is at least a share of the worst case', () => {
    expect(leftAfter(0)).toBeCloseTo(0.005, 6);
  });

  it('grows with the time, up to the worst case', () => {
    expect(leftAfter(100_000)).toBeCloseTo(0.01, 6);
    expect(leftAfter(1e9)).toBeCloseTo(0.1, 6);
  });

  it('is nothing for a model that does not reason', () => {
    expect(leftAfter(100_000, {}, { reasoning: false })).toBe(0);
    expect(leftAfter(100_000, { reasoningEffort: 'none' })).toBe(0);
  });
});

it('a clock that is set back over midnight starts no new day', async () => {
  const dayMs = 86_400_000;
  let date = new Date(10 * dayMs + 1000);
  const ledger = createMemoryLedger({ ...createFakeClock(), date: () => date });
  const bounds = { tokensPerMinute: undefined, concurrentStreams: undefined, nanoUsdPerDay: 100 };
  const reservation = (id: string) => ({ id, caller: 'a', tokens: 0, nanoUsd: 100, isStream: false });
  expect(await ledger.reserve(reservation('1'), bounds)).toMatchObject({ shortage: undefined });
  await ledger.settle(reservation('1'), { tokens: 0, nanoUsd: 100 });
  date = new Date(9 * dayMs + 1000);
  expect(await ledger.reserve(reservation('2'), bounds)).toMatchObject({ shortage: 'spent' });
  date = new Date(10 * dayMs + 2000);
  expect(await ledger.reserve(reservation('3'), bounds)).toMatchObject({ shortage: 'spent' });
  date = new Date(11 * dayMs);
  expect(await ledger.reserve(reservation('4'), bounds)).toMatchObject({ shortage: undefined });
});

it('stop sequences count as input', () => {
  const plain = inputBytes(request({}));
  expect(inputBytes(request({ stop: Array.from({ length: 4 }, () => 'x'.repeat(500)) }))).toBeGreaterThanOrEqual(
    plain + 2000,
  );
});
