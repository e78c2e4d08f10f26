import { LightAbortController } from './abort.ts';
import type { Provenance, Usage, Warning } from './completion.ts';
import type { CallOptions } from './gateway.ts';
import { sumCost, sumUsage } from './sum-usage.ts';

/** Calls that run side by side for one request. */

/** Options of all calls, which are stopped together. */
export function togetherWith(options: CallOptions): {
  readonly options: CallOptions;
  readonly stop: LightAbortController['abort'];
} {
  const controller = new LightAbortController();
  const { signal } = options;
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return { options: { ...options, signal: controller.signal }, stop: (reason) => controller.abort(reason) };
}

/** The first answer with one bill for all. The slowest one counts for the time. */
export function joinAnswers<T extends Provenance & { readonly usage: Usage | undefined }>(
  answers: readonly [T, ...T[]],
): T {
  const [first, ...others] = answers;
  if (others.length === 0) return first;
  const latest = (time: (one: T) => number) => Math.max(...answers.map(time));
  return {
    ...first,
    usage: sumUsage(answers.map(({ usage }) => usage)),
    cost: sumCost(answers.map(({ cost }) => cost)),
    attempts: answers.flatMap(({ attempts }) => attempts),
    warnings: uniqueWarnings(answers.flatMap(({ warnings }) => warnings)),
    latencyMs: latest(({ latencyMs }) => latencyMs),
    overheadMs: latest(({ overheadMs }) => overheadMs),
  };
}

function uniqueWarnings(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [`${warning.option} ${warning.message}`, warning])).values()];
}
