export type Sample = { readonly median: number; readonly least: number; readonly most: number };

export function summarize(values: readonly number[]): Sample {
  const sorted = inOrder(values);
  const [least = Number.NaN, most = Number.NaN] = [sorted[0], sorted.at(-1)];
  const [below = Number.NaN, above = Number.NaN] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return { median: (below + above) / 2, least, most };
}

export function inOrder(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

/** Percentile of sorted values. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
