import type { Answer } from './answer.ts';
import { type Draft, withoutImage } from './draft.ts';

/** A comparison in this browser's storage. It is sent nowhere. */
export type Run = {
  readonly id: string;
  readonly at: string;
  readonly draft: Draft;
  readonly answers: readonly Answer[];
};

const place = 'parley:runs';
const mostRuns = 20;

export function rememberedRuns(): readonly Run[] {
  try {
    // Only this module writes to this key.
    return JSON.parse(localStorage.getItem(place) ?? '[]') as Run[];
  } catch {
    return [];
  }
}

export function withRun(runs: readonly Run[], run: Run): readonly Run[] {
  const answers = run.answers.map(toKept);
  const kept = { ...run, draft: { ...run.draft, image: undefined }, answers };
  return [kept, ...runs.filter(({ id }) => id !== run.id)].slice(0, mostRuns);
}

function toKept(answer: Answer): Answer {
  const input = withoutImage(answer.input);
  return input === answer.input ? answer : { ...answer, input, lacksImage: true };
}

/** Long answers fill a page's storage: then the oldest runs are dropped. */
export function remember(runs: readonly Run[]): readonly Run[] {
  for (let kept = runs; kept.length > 0; kept = kept.slice(0, -1)) {
    try {
      localStorage.setItem(place, JSON.stringify(kept));
      return kept;
    } catch {}
  }
  localStorage.removeItem(place);
  return [];
}
