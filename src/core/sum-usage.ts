import type { Cost, MediaTokens, ServerToolCalls, Usage } from './completion.ts';

/** The usage of several answers that are one for the caller. A count that one of them does not report is not reported. */
export function sumUsage(usages: readonly (Usage | undefined)[]): Usage | undefined {
  const [first, ...others] = usages;
  if (others.length === 0) return first;
  const known = usages.filter((usage) => usage !== undefined);
  if (known.length < usages.length) return undefined;
  const sum = (count: (usage: Usage) => number | undefined): number | undefined =>
    known.reduce<number | undefined>((total, usage) => add(total, count(usage)), 0);
  const some = (count: (usage: Usage) => number | undefined): number | undefined =>
    known.some((usage) => count(usage) !== undefined)
      ? known.reduce((total, usage) => total + (count(usage) ?? 0), 0)
      : undefined;
  const billed = known.every((usage) => usage.billed)
    ? {
        input: known.reduce((total, usage) => total + (usage.billed?.input ?? 0), 0),
        output: known.reduce((total, usage) => total + (usage.billed?.output ?? 0), 0),
      }
    : undefined;
  const mediaTokens = known.reduce<MediaTokens | undefined>(
    (all, usage) => addCounts(all, usage.mediaTokens),
    undefined,
  );
  const serverToolCalls = known.reduce<ServerToolCalls | undefined>(
    (all, usage) => addCounts(all, usage.serverToolCalls),
    undefined,
  );
  return {
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    totalTokens: sum(({ totalTokens }) => totalTokens),
    cacheReadInputTokens: some(({ cacheReadInputTokens }) => cacheReadInputTokens),
    cacheWriteInputTokens: some(({ cacheWriteInputTokens }) => cacheWriteInputTokens),
    reasoningOutputTokens: some(({ reasoningOutputTokens }) => reasoningOutputTokens),
    ...(billed && { billed }),
    ...(serverToolCalls && { serverToolCalls }),
    ...(mediaTokens && { mediaTokens }),
  };
}

/** Undefined where one of them is not known. */
export function sumCost(costs: readonly (Cost | undefined)[]): Cost | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  const [first, ...others] = known;
  if (!first || known.length < costs.length) return undefined;
  return others.reduce<Cost>((total, cost) => {
    const saved = add(total.saved, cost.saved);
    const { saved: _, ...rest } = total;
    const sums = {
      total: total.total + cost.total,
      input: total.input + cost.input,
      output: total.output + cost.output,
    };
    return { ...rest, ...sums, ...(saved !== undefined && { saved }) };
  }, first);
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function addCounts<T extends Readonly<Record<string, number | undefined>>>(
  a: T | undefined,
  b: T | undefined,
): T | undefined {
  if (!a || !b) return a ?? b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)])) as T;
}
