import { type CheckOptions, type CheckResult, checkModel } from './check.ts';
import type { Candidate } from './plan.ts';

export type RunOptions = CheckOptions & {
  /** Models asked at the same time. */
  readonly concurrency: number;
  readonly onResult: (result: CheckResult) => void;
};

/** Checks all models with bounded concurrency, and returns the results in order when done or stopped. */
export async function runChecks(models: readonly Candidate[], options: RunOptions): Promise<CheckResult[]> {
  const results = models.map((): CheckResult[] => []);
  // One shared iterator: each worker takes the next model.
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
