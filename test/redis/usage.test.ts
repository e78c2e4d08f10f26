import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import { createSharedUsage } from '../../src/redis/usage.ts';
import { createMemoryCounts } from '../../src/usage/memory-counts.ts';
import { openGateway, quickSandbox } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';
import { outcome } from '../support/outcomes.ts';
import { realClock } from '../support/real-clock.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';

/** Usage that several gateways have counted together. */

const silent = { info() {}, warn() {}, error() {} };
const group = { provider: 'openai', model: 'gpt-4o', caller: 'web' };
const hour = 3_600_000;

describe.skipIf(!hasRedis)('usage that gateways share', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  /** The counts of one gateway, with a time of day of its own. */
  async function open(at: () => Date = () => new Date()) {
    const clock = { ...realClock, date: at };
    const shared = await connectRedis(new Secret(redis.url), clock, silent);
    const counts = createSharedUsage({ redis: shared, local: createMemoryCounts(clock), clock });
    const close = async () => {
      await counts.close();
      await shared.close();
    };
    return { counts, shared, close };
  }

  async function requests(
    counts: { read: (from: Date | undefined) => Promise<{ groups: readonly { tally: { requests: number } }[] }> },
    from?: Date,
  ) {
    const { groups } = await counts.read(from);
    return groups.reduce((sum, { tally }) => sum + tally.requests, 0);
  }

  it('is that of all of them, with sums and first tokens', async () => {
    await using one = await openGateway({ yaml: quickSandbox, env: { PARLEY_REDIS_URL: redis.url } });
    await using other = await openGateway({ yaml: quickSandbox, env: { PARLEY_REDIS_URL: redis.url } });
    const ask =
      '{ chat(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: "Hello" }] }) { __typename } }';
    for (const { url } of [one, other, other]) await query(url, ask);
    const usage = '{ usage(by: MODEL) { rows { name requests inputTokens costUsd } } }';
    const rows = async (url: string) => {
      const { data } = await query(url, usage);
      return (data?.['usage'] as { rows: object[] } | undefined)?.rows ?? [];
    };
    // A gateway reports its own counts at once, those of others within a second.
    await rows(other.url);
    const [row] = await rows(one.url);
    expect(row).toMatchObject({ name: 'openai/gpt-4o', requests: 3 });
    expect(row).toHaveProperty('costUsd');
  });

  it('keeps minutes and hours, by the time of the day', async () => {
    const begun = new Date('2031-05-01T10:10:00Z').getTime();
    let now = begun;
    const { counts, close } = await open(() => new Date(now));
    counts.add(group, outcome({ timeToFirstTokenMs: 200 }));
    now = begun + 10 * 60_000;
    counts.add(group, outcome({ timeToFirstTokenMs: 400 }));
    expect(await requests(counts, new Date(begun))).toBe(2);
    expect(await requests(counts, new Date(begun + 5 * 60_000))).toBe(1);
    now = begun + 10 * hour;
    counts.add(group, outcome());
    const { since, groups } = await counts.read(new Date(begun + 5 * 60_000));
    expect(since.toISOString()).toBe('2031-05-01T10:00:00.000Z');
    expect(groups).toMatchObject([{ ...group, tally: { requests: 3, inputTokens: 300, costUsd: 0.006 } }]);
    expect(groups[0]?.tally.firstTokens.size).toBe(2);
    await close();
  });

  it('is read again for the current hour alone; late reports appear within half a minute', async () => {
    const begun = new Date('2033-05-01T10:10:00Z').getTime();
    let now = begun;
    const [one, other] = [await open(() => new Date(now)), await open(() => new Date(begun))];
    one.counts.add(group, outcome());
    await requests(one.counts);
    now = begun + hour;
    const asked = async () => {
      const stats = await one.shared.client.info('commandstats');
      return Number(/cmdstat_hgetall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const askedBy = async (read: () => Promise<unknown>) => {
      const before = await asked();
      await read();
      return (await asked()) - before;
    };
    expect(await askedBy(() => requests(one.counts))).toBe(49);
    one.counts.add(group, outcome());
    expect(await askedBy(async () => expect(await requests(one.counts)).toBe(2))).toBe(1);
    other.counts.add(group, outcome());
    await requests(other.counts);
    expect(await requests(one.counts)).toBe(2);
    now += 30_000;
    expect(await requests(one.counts)).toBe(3);
    await other.close();
    await one.close();
  });

  it('is that of this gateway alone while Redis is unavailable, and complete when it is back', async () => {
    const begun = new Date('2032-05-01T10:10:00Z');
    const { counts, shared, close } = await open(() => begun);
    counts.add(group, outcome());
    await redis.kill();
    await expect.poll(() => shared.isUnavailable).toBe(true);
    counts.add(group, outcome());
    expect(await requests(counts, begun)).toBe(2);
    await redis.restart();
    await expect.poll(() => shared.isUnavailable, { timeout: 5_000 }).toBe(false);
    const other = await open(() => begun);
    await expect.poll(() => requests(other.counts, begun), { timeout: 5_000 }).toBe(2);
    await other.close();
    await close();
  });
});
