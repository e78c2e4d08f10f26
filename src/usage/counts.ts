import type { CallOutcome } from '../core/observer.ts';
import { createTally, type Tally } from './tally.ts';

/** What calls have in common that are counted together. */
export type Group = { readonly provider: string; readonly model: string; readonly caller: string };
export type GroupTally = Group & { readonly tally: Tally };

/** Where it is counted what was used: in this process, or together with others. */
export type Counts = {
  add(group: Group, outcome: CallOutcome): void;
  /** From a moment on, or as far back as there is anything; and from when on that really is. */
  read(from: Date | undefined): Promise<Counted>;
};

export type Counted = { readonly since: Date; readonly groups: readonly GroupTally[] };

/** How long calls are told apart by the minute, and then by the hour. */
export const minute = 60_000;
export const hour = 60 * minute;
export const byMinute = 2 * hour;
export const byHour = 48 * hour;

/** Different groups in one slot of time; what comes beyond is counted together. Sign-in tokens can make any number of callers. */
const maxGroups = 500;
const otherGroup: Group = { provider: 'other', model: 'other', caller: 'other' };

/** The sums of one slot of time, by group. */
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
  // The first two are names of a list: there is no line break in them.
  return `${provider}\n${model}\n${caller}`;
}
