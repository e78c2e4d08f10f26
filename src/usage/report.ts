import type { UsageQuestion, UsageReport } from '../core/usage.ts';
import type { Counted } from './counts.ts';
import { addUp, createTally, type Tally, toRow } from './tally.ts';

/** Sums counts up for one caller's question. */
export function toReport({ by, caller }: UsageQuestion, { since, groups }: Counted): UsageReport {
  const sums = new Map<string, Tally>();
  for (const group of groups) {
    if (!caller.admin && group.caller !== caller.id) continue;
    const name = by === 'model' ? `${group.provider}/${group.model}` : group[by];
    const sum = sums.get(name) ?? createTally();
    sums.set(name, sum);
    addUp(sum, group.tally);
  }
  const rows = [...sums].map(([name, tally]) => toRow(name, tally));
  return { since, rows: rows.toSorted((a, b) => b.requests - a.requests || a.name.localeCompare(b.name)) };
}
