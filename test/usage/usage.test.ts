import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { CallOutcome } from '../../src/core/observer.ts';
import { createMetricLabels } from '../../src/telemetry/metric-labels.ts';
import { createUsage } from '../../src/telemetry/usage.ts';
import { createMemoryCounts } from '../../src/usage/memory-counts.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { facts, outcome } from '../support/outcomes.ts';

const hour = 3_600_000;
const labels = createMetricLabels();
labels.list({
  providers: [{ id: 'openai' }, { id: 'xai' }],
  models: [{ id: 'openai/gpt-4o' }, { id: 'xai/grok-4' }],
});

function open() {
  const clock = createFakeClock();
  clock.pass(1_000 * hour);
  const usage = createUsage(labels, createMemoryCounts(clock));
  const call = (caller: string, fields: Partial<CallOutcome> = {}) =>
    usage.count({ facts: facts({ caller }), outcome: outcome(fields) });
  return { clock, usage, call };
}

const everything = { since: undefined, caller: anonymous };
const web = { ...anonymous, id: 'web', admin: false };

describe('usage', () => {
  it('adds up by provider, model or caller, the largest first', async () => {
    const { usage, call } = open();
    call('web');
    call('web', { provider: 'xai', model: 'grok-4', cost: undefined });
    call('cron', { provider: 'xai', model: 'grok-4', code: 'UPSTREAM_ERROR', usage: undefined, cost: undefined });
    call('cron', { provider: 'xai', model: 'made-up', code: 'CANCELLED' });
    const { rows } = await usage.read({ ...everything, by: 'provider' });
    expect(rows).toEqual([
      {
        name: 'xai',
        requests: 3,
        errors: 1,
        cancelled: 1,
        inputTokens: 200,
        outputTokens: 40,
        cacheReadInputTokens: 80,
        reasoningOutputTokens: 10,
        costUsd: 0.002,
        unpricedRequests: 1,
        timeToFirstTokenMs: undefined,
      },
      expect.objectContaining({ name: 'openai', requests: 1, errors: 0, costUsd: 0.002, unpricedRequests: 0 }),
    ]);
    const names = async (by: 'model' | 'caller') =>
      (await usage.read({ ...everything, by })).rows.map(({ name }) => name);
    expect(await names('model')).toEqual(['xai/grok-4', 'openai/gpt-4o', 'xai/other']);
    expect(await names('caller')).toEqual(['cron', 'web']);
  });

  it('shows callers their own, and an admin all', async () => {
    const { usage, call } = open();
    call('web');
    call('cron');
    call('cron');
    const { rows } = await usage.read({ by: 'provider', since: undefined, caller: web });
    expect(rows).toMatchObject([{ name: 'openai', requests: 1 }]);
    expect((await usage.read({ by: 'caller', since: undefined, caller: web })).rows).toMatchObject([{ name: 'web' }]);
    expect((await usage.read({ ...everything, by: 'caller' })).rows).toHaveLength(2);
  });

  it('has the median and the 95th percentile of first tokens to three percent', async () => {
    const { usage, call } = open();
    for (let ms = 1; ms <= 1_000; ms++) call('web', { timeToFirstTokenMs: ms });
    const [row] = (await usage.read({ ...everything, by: 'provider' })).rows;
    expect(row?.timeToFirstTokenMs?.p50).toBeGreaterThan(500 * 0.97);
    expect(row?.timeToFirstTokenMs?.p50).toBeLessThan(500 * 1.03);
    expect(row?.timeToFirstTokenMs?.p95).toBeGreaterThan(950 * 0.97);
    expect(row?.timeToFirstTokenMs?.p95).toBeLessThan(950 * 1.03);
  });

  it('counts since a given time, by the minute, and reports the actual start', async () => {
    const { clock, usage, call } = open();
    call('web');
    clock.pass(10 * 60_000);
    const since = clock.date();
    clock.pass(90_000);
    call('web');
    const report = await usage.read({ by: 'provider', since, caller: anonymous });
    expect(report.rows).toMatchObject([{ requests: 1 }]);
    expect(report.since).toEqual(since);
  });

  it('keeps the sums of a week in the memory of two days', async () => {
    const { clock, usage, call } = open();
    const begun = clock.date();
    for (let step = 0; step < 7 * 24 * 4; step++) {
      call('web', { timeToFirstTokenMs: 100 });
      clock.pass(hour / 4);
    }
    const whole = await usage.read({ ...everything, by: 'provider' });
    expect(whole).toMatchObject({ since: begun, rows: [{ requests: 7 * 24 * 4, inputTokens: 7 * 24 * 400 }] });
    // Half an hour into an hour that is kept as one: the whole hour counts.
    const since = new Date(clock.date().getTime() - 10.5 * hour);
    const lately = await usage.read({ by: 'provider', since, caller: anonymous });
    expect(lately.rows).toMatchObject([{ requests: 44 }]);
    expect(lately.since.getTime()).toBe(since.getTime() - hour / 2);
  });

  it('merges excess entries', async () => {
    const { usage, call } = open();
    for (let caller = 0; caller < 2_000; caller++) call(`jwt:${caller}`);
    const { rows } = await usage.read({ ...everything, by: 'caller' });
    expect(rows).toHaveLength(501);
    expect(rows[0]).toMatchObject({ name: 'other', requests: 1_500 });
  });
});
