import type { Clock } from '../core/ports.ts';
import type { UsageReader, UsageReport } from '../core/usage.ts';
import type { Labels } from './labels.ts';
import type { Listener } from './observers.ts';
import { addUp, count, createTally, type Tally, toRow } from './tally.ts';

const minute = 60_000;
const hour = 60 * minute;
/** How long calls are told apart by the minute, and then by the hour. What is older is one sum. */
const byMinute = 2 * hour;
const byHour = 48 * hour;

/** Different groups in one slot of time; what comes beyond is counted together. Sign-in tokens can make any number of callers. */
const maxGroups = 500;

type Group = { readonly provider: string; readonly model: string; readonly caller: string };
type Slot = {
  readonly start: number;
  readonly end: number;
  readonly groups: Map<string, Group & { readonly tally: Tally }>;
};

export type UsageParts = { readonly labels: Labels; readonly clock: Pick<Clock, 'today'> };

/** Counts what is used, in memory and within bounds, since the process began. */
export function createUsage({ labels, clock }: UsageParts): Listener & UsageReader {
  const startedAt = clock.today().getTime();
  let slots: Slot[] = [];

  function slotAt(now: number): Slot {
    const start = Math.floor(now / minute) * minute;
    const known = slots.findLast((slot) => slot.start === start && slot.end === start + minute);
    if (known) return known;
    const slot: Slot = { start, end: start + minute, groups: new Map() };
    slots = [...coarsen(slots, now), slot];
    return slot;
  }

  /** The same sums in fewer slots. */
  function coarsen(fine: readonly Slot[], now: number): Slot[] {
    const coarse = new Map<string, Slot>();
    for (const slot of fine) {
      const { start, end } = spanAt(now, slot);
      const into = coarse.get(`${start}/${end}`) ?? { start, end, groups: new Map() };
      coarse.set(`${start}/${end}`, into);
      for (const { tally, ...group } of slot.groups.values()) addUp(tallyOf(into, group), tally);
    }
    return [...coarse.values()];
  }

  function spanAt(now: number, { start, end }: Slot): Pick<Slot, 'start' | 'end'> {
    if (now - start < byMinute) return { start, end };
    const hourOf = (time: number) => Math.floor(time / hour) * hour;
    const oldest = hourOf(now - byHour);
    return start < oldest ? { start: startedAt, end: oldest } : { start: hourOf(start), end: hourOf(start) + hour };
  }

  return {
    begins: ({ caller }) => ({
      ended(outcome) {
        const slot = slotAt(clock.today().getTime());
        count(tallyOf(slot, { ...labels.of(outcome), caller }), outcome);
      },
    }),
    async read({ by, since, caller }): Promise<UsageReport> {
      const from = since?.getTime() ?? startedAt;
      const wanted = slots.filter(({ end }) => end > from);
      const sums = new Map<string, Tally>();
      for (const group of wanted.flatMap(({ groups }) => [...groups.values()])) {
        if (!caller.admin && group.caller !== caller.id) continue;
        const name = by === 'model' ? `${group.provider}/${group.model}` : group[by];
        const sum = sums.get(name) ?? createTally();
        sums.set(name, sum);
        addUp(sum, group.tally);
      }
      const rows = [...sums].map(([name, tally]) => toRow(name, tally));
      const first = Math.min(from, ...wanted.map(({ start }) => start));
      return {
        since: new Date(Math.max(startedAt, first)),
        rows: rows.toSorted((a, b) => b.requests - a.requests || a.name.localeCompare(b.name)),
      };
    },
  };
}

function tallyOf({ groups }: Slot, wanted: Group): Tally {
  const isFull = groups.size >= maxGroups;
  const key = (group: Group) => JSON.stringify([group.provider, group.model, group.caller]);
  const group = groups.has(key(wanted)) || !isFull ? wanted : { provider: 'other', model: 'other', caller: 'other' };
  const known = groups.get(key(group));
  if (known) return known.tally;
  const tally = createTally();
  groups.set(key(group), { ...group, tally });
  return tally;
}
