import type { Run } from './history.ts';

/** The run of this tab, so that a reload of the page goes on with it. */

const place = 'parley:running';

/** Stores the run while one of its answers is missing. */
export function keepRunning(run: Run): void {
  try {
    if (run.answers.every(({ end }) => end)) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(run));
  } catch {
    // An image may be too large for the storage: a reload then begins anew.
    sessionStorage.removeItem(place);
  }
}

export function interruptedRun(): Run | undefined {
  try {
    // Only this module writes to this key.
    return JSON.parse(sessionStorage.getItem(place) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
