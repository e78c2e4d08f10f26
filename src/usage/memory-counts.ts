import type { Clock } from '../core/ports.ts';
import { byHour, byMinute, type Counts, type Groups, hour, minute, tallyOf } from './counts.ts';
import { addUp, count } from './tally.ts';

type Slot = { readonly start: number; readonly end: number; readonly groups: Groups };

/** Usage in memory and bounded, since the process started: counts older than two days are one sum. */
export function createMemoryCounts(clock: Pick<Clock, 'date'>): Counts {
  const startedAt = clock.date().getTime();
  let slots: Slot[] = [];

  function slotAt(now: number): Slot {
    const start = Math.floor(now / minute) * minute;
    const known = slots.findLast((slot) => slot.start === start && slot.end === start + minute);
    if (known) return known;
    const slot: Slot = { start, end: start + minute, groups: new Map() };
    slots = [...coarsen(slots, now), slot];
    return slot;
  }

  /** Merges slots. */
  function coarsen(fine: readonly Slot[], now: number): Slot[] {
    const coarse = new Map<string, Slot>();
    for (const slot of fine) {
      const { start, end } = spanAt(now, slot);
      const into = coarse.get(`${start}/${end}`) ?? { start, end, groups: new Map() };
      coarse.set(`${start}/${end}`, into);
      for (const group of slot.groups.values()) addUp(tallyOf(into.groups, group), group.tally);
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
    add: (group, outcome) => count(tallyOf(slotAt(clock.date().getTime()).groups, group), outcome),
    async read(from) {
      const wanted = from?.getTime() ?? startedAt;
      const read = slots.filter(({ end }) => end > wanted);
      const first = Math.min(wanted, ...read.map(({ start }) => start));
      return {
        since: new Date(Math.max(startedAt, first)),
        groups: read.flatMap(({ groups }) => [...groups.values()]),
      };
    },
  };
}
