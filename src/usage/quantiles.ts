/** Durations in buckets that grow by 5 %: a quantile is exact to 2.5 %, whatever their number. */
export type Buckets = Map<number, number>;

const growth = Math.log(1.05);

export function addTo(boxes: Buckets, ms: number, times = 1): void {
  const box = ms <= 1 ? 0 : Math.ceil(Math.log(ms) / growth);
  boxes.set(box, (boxes.get(box) ?? 0) + times);
}

export function merge(into: Buckets, from: Buckets): void {
  for (const [box, times] of from) into.set(box, (into.get(box) ?? 0) + times);
}

/** The value below which this share lies. Undefined without values. */
export function quantile(boxes: Buckets, share: number): number | undefined {
  const sorted = [...boxes].sort(([a], [b]) => a - b);
  let left = Math.ceil(share * sorted.reduce((sum, [, times]) => sum + times, 0));
  for (const [box, times] of sorted) {
    left -= times;
    if (left <= 0) return Math.round(Math.exp((box - 0.5) * growth));
  }
  return undefined;
}
