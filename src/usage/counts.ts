import type { CallOutcome } from '../core/observer.ts';
import { createTally, type Tally } from './tally.ts';

/** The group that requests are counted in. */
export type Group = { readonly provider: string; readonly model: string; readonly caller: string };
export type GroupTally = Group & { readonly tally: Tally };

/** Where usage is counted: in this process or shared. */
export type Counts = {
  add(group: Group, outcome: CallOutcome): void;
  /** From a time on, or as far back as there are counts; `since` is the actual start. */
  read(from: Date | undefined): Promise<Counted>;
};

export type Counted = { readonly since: Date; readonly groups: readonly GroupTally[] };

/** How long counts are kept per minute, and then per hour. */
export const minute = 60_000;
export const hour = 60 * minute;
export const byMinute = 2 * hour;
export const byHour = 48 * hour;

/** Maximum groups in one slot; the rest is counted together, since JWTs can create any number of callers. */
const maxGroups = 500;
const otherGroup: Group = { provider: 'other', model: 'other', caller: 'other' };

/** Sums of one time slot, by group. */
export type Groups = Map<string, GroupTally>;

export function tallyOf(groups: Groups, wanted: Group): Tally {
  const hasRoom = groups.size < maxGroups || groups.has(keyOf(wanted));
  const { provider, model, caller } = hasRoom ? wanted : otherGroup;
  const key = keyOf({ provider, model, caller });
  const known = groups.get(key);
  if (known) return known.tally;
  const tally = createTally();
  groups.set(key, { provider, model, caller, tally });
  return tally;
}

function keyOf({ provider, model, caller }: Group): string {
  // Provider and model come from a list: they contain no line break.
  return `${provider}\n${model}\n${caller}`;
}
