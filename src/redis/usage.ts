import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Clock } from '../core/ports.ts';
import { byHour, byMinute, type Counts, type Group, type Groups, hour, minute, tallyOf } from '../usage/counts.ts';
import { addUp, count, fromSums, type Sums, toSums } from '../usage/tally.ts';
import type { RedisConnection } from './connection.ts';

export type SharedUsageParts = {
  readonly redis: Pick<RedisConnection, 'run' | 'isUnavailable'>;
  /** The counts of this gateway, while Redis is unavailable. */
  readonly local: Counts;
  readonly clock: Clock;
};

export type SharedUsage = Counts & { close(): Promise<void> };

const hashSchema = z.record(z.string(), z.string());

type Step = { readonly ms: number; readonly keptMs: number };
const minutes: Step = { ms: minute, keptMs: byMinute };
const hours: Step = { ms: hour, keptMs: byHour };

/** How long counts are collected before they are written, in milliseconds. */
const flushMs = 1_000;
/** A large response would look like an unavailable Redis. */
const slotsAtOnce = 24;
/** This long after its end all gateways have written a slot; only one that was cut off writes later. */
const writtenMs = 5_000;
/** How long the sum of completed slots is cached: a dashboard may ask every few seconds. */
const keptSumMs = 30_000;

type KeptSum = { readonly of: string; readonly at: number; readonly groups: Groups };

/**
 * Usage counted by all gateways: one hash per minute for two hours and per hour for two days, with a field for each sum
 * of each group. What is in flight when Redis fails is lost and never counted twice; what comes during an outage is
 * written afterwards.
 */
export function createSharedUsage({ redis, local, clock }: SharedUsageParts): SharedUsage {
  /** By the start of their minute. */
  let unwritten = new Map<number, Groups>();
  let stop: (() => void) | undefined;
  const keptSums = new Map<Step, KeptSum>();

  async function flush(): Promise<void> {
    stop = undefined;
    if (unwritten.size === 0) return;
    if (redis.isUnavailable) return scheduleFlush();
    const written = unwritten;
    unwritten = new Map();
    await redis.run((client) => {
      const commands = client.multi();
      for (const [start, groups] of written) {
        for (const step of [minutes, hours]) {
          const key = keyOf(step, start);
          for (const group of groups.values()) {
            for (const [sum, value] of toSums(group.tally)) commands.hincrbyfloat(key, fieldOf(group, sum), value);
          }
          commands.pexpire(key, step.keptMs + step.ms);
        }
      }
      return commands.exec();
    });
  }

  function scheduleFlush(): void {
    stop ??= clock.after(flushMs, () => void flush());
  }

  /** The cached sum of completed slots. */
  async function readOver(step: Step, from: number, end: number, now: number): Promise<Groups | undefined> {
    const of = `${from}-${end}`;
    const known = keptSums.get(step);
    if (known?.of === of && now - known.at < keptSumMs) return known.groups;
    const groups = await readSlots(step, from, end);
    if (groups) keptSums.set(step, { of, at: now, groups });
    return groups;
  }

  async function readSlots(step: Step, from: number, end: number): Promise<Groups | undefined> {
    const keys: string[] = [];
    for (let start = from; start < end; start += step.ms) keys.push(keyOf(step, start));
    const groups: Groups = new Map();
    for (let first = 0; first < keys.length; first += slotsAtOnce) {
      const some = keys.slice(first, first + slotsAtOnce);
      const answer = await redis.run((client) => hashesOf(client, some));
      if (!answer) return undefined;
      for (const slot of answer.value) addSlot(groups, slot);
    }
    return groups;
  }

  return {
    add(group, outcome) {
      local.add(group, outcome);
      const start = floor(clock.date().getTime(), minute);
      const groups = unwritten.get(start) ?? new Map();
      // In a long outage the newest hour is kept.
      if (unwritten.size > byMinute / minute) unwritten.delete(Math.min(...unwritten.keys()));
      unwritten.set(start, groups);
      count(tallyOf(groups, group), outcome);
      scheduleFlush();
    },
    async read(since) {
      await flush();
      const now = clock.date().getTime();
      const oldest = now - byHour;
      const from = Math.max(since?.getTime() ?? oldest, oldest);
      const step = now - from < byMinute ? minutes : hours;
      const start = floor(from, step.ms);
      const open = Math.max(start, floor(now - writtenMs, step.ms));
      const over = await readOver(step, start, open, now);
      const current = over && (await readSlots(step, open, now + 1));
      if (!current) return await local.read(since);
      const groups: Groups = new Map();
      for (const { tally, ...group } of [...over.values(), ...current.values()]) addUp(tallyOf(groups, group), tally);
      return { since: new Date(start), groups: [...groups.values()] };
    },
    async close() {
      stop?.();
      await flush();
      stop?.();
    },
  };
}

/** One round trip. */
async function hashesOf(client: Redis, keys: readonly string[]): Promise<Readonly<Record<string, string>>[]> {
  const pipeline = client.pipeline();
  for (const key of keys) pipeline.hgetall(key);
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, hash]) => {
    if (error) throw error;
    return hashSchema.parse(hash);
  });
}

function floor(time: number, ms: number): number {
  return Math.floor(time / ms) * ms;
}

function keyOf({ ms }: Step, time: number): string {
  return `parley:usage:${ms === minute ? 'minute' : 'hour'}:${floor(time, ms)}`;
}

function fieldOf({ provider, model, caller }: Group, sum: string): string {
  return JSON.stringify([provider, model, caller, sum]);
}

function addSlot(groups: Groups, slot: Readonly<Record<string, string>>): void {
  const sums = new Map<string, { readonly group: Group; readonly sums: [string, number][] }>();
  for (const [field, value] of Object.entries(slot)) {
    const [provider, model, caller, sum] = JSON.parse(field) as [string, string, string, string];
    const key = JSON.stringify([provider, model, caller]);
    const known = sums.get(key) ?? { group: { provider, model, caller }, sums: [] };
    known.sums.push([sum, Number(value)]);
    sums.set(key, known);
  }
  for (const { group, sums: written } of sums.values()) addUp(tallyOf(groups, group), fromSums(written satisfies Sums));
}
