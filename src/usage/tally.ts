import type { CallOutcome } from '../core/observer.ts';
import type { UsageRow } from '../core/usage.ts';
import { addTo, type Buckets, merge, quantile } from './quantiles.ts';

/** Sums of requests in one group. */
export type Tally = { -readonly [sum in Sum]: number } & { readonly firstTokens: Buckets };

type Sum = Exclude<keyof UsageRow, 'name' | 'timeToFirstTokenMs'>;

export function createTally(): Tally {
  return {
    requests: 0,
    errors: 0,
    cancelled: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadInputTokens: 0,
    reasoningOutputTokens: 0,
    costUsd: 0,
    unpricedRequests: 0,
    firstTokens: new Map(),
  };
}

export function count(tally: Tally, { code, usage, cost, timeToFirstTokenMs }: CallOutcome): void {
  tally.requests += 1;
  if (code === 'CANCELLED') tally.cancelled += 1;
  else if (code !== undefined) tally.errors += 1;
  tally.inputTokens += usage?.inputTokens ?? 0;
  tally.outputTokens += usage?.outputTokens ?? 0;
  tally.cacheReadInputTokens += usage?.cacheReadInputTokens ?? 0;
  tally.reasoningOutputTokens += usage?.reasoningOutputTokens ?? 0;
  tally.costUsd += cost?.total ?? 0;
  if (code === undefined && !cost) tally.unpricedRequests += 1;
  if (timeToFirstTokenMs !== undefined) addTo(tally.firstTokens, timeToFirstTokenMs);
}

export function addUp(into: Tally, { firstTokens, ...sums }: Tally): void {
  for (const [sum, value] of Object.entries(sums)) into[sum as Sum] += value;
  merge(into.firstTokens, firstTokens);
}

export function toRow(name: string, { firstTokens, ...sums }: Tally): UsageRow {
  const [p50, p95] = [quantile(firstTokens, 0.5), quantile(firstTokens, 0.95)];
  const timeToFirstTokenMs = p50 === undefined || p95 === undefined ? undefined : { p50, p95 };
  return { name, ...sums, timeToFirstTokenMs };
}

/** A tally as names and numbers without zeros, to be added up elsewhere. */
export type Sums = readonly (readonly [name: string, value: number])[];

const boxPrefix = 'firstToken:';

export function toSums({ firstTokens, ...sums }: Tally): Sums {
  const boxes = [...firstTokens].map(([box, times]) => [`${boxPrefix}${box}`, times] as const);
  return [...Object.entries(sums), ...boxes].filter(([, value]) => value !== 0);
}

/** Unknown names come from another version. */
export function fromSums(sums: Sums): Tally {
  const tally = createTally();
  for (const [name, value] of sums) {
    if (name.startsWith(boxPrefix)) tally.firstTokens.set(Number(name.slice(boxPrefix.length)), value);
    else if (Object.hasOwn(tally, name) && name !== 'firstTokens') tally[name as Sum] = value;
  }
  return tally;
}
