import { type CheckOptions, type CheckResult, checkModel } from './check.ts';
import type { Candidate } from './plan.ts';

export type RunOptions = CheckOptions & {
  /** Models asked at the same time. */
  readonly concurrency: number;
  readonly onResult: (result: CheckResult) => void;
};

/** Checks all models, so many at a time, and gives what it has, in their order, when it is done or told to stop. */
export async function runChecks(models: readonly Candidate[], options: RunOptions): Promise<CheckResult[]> {
  const results = models.map((): CheckResult[] => []);
  // One iterator for all workers: each takes the next model that none has taken.
  const queue = models.entries();
  const work = async () => {
    for (const [place, model] of queue) {
      if (options.signal.aborted) return;
      for await (const result of checkModel(model, options)) {
        results[place]?.push(result);
        options.onResult(result);
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return results.flat();
}
