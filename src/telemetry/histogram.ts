import type { Metric, Registry } from 'prom-client';

export type HistogramSettings<L extends string> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
};

export type Histogram<L extends string> = {
  observe(labels: Readonly<Record<L, string>>, value: number): void;
};

/** One series: values per bucket, the last beyond all bounds, and their sum. */
type Series = { readonly labels: Readonly<Record<string, string>>; readonly counts: number[]; sum: number };

/**
 * A histogram for prom-client's registry. It stands for prom-client's own, which creates, sorts, checks and hashes
 * labels per value and takes several times as long; test/telemetry/metrics.test.ts compares both.
 */
export function createHistogram<L extends string>(
  registry: Registry,
  { name, help, labelNames, bounds }: HistogramSettings<L>,
): Histogram<L> {
  const series = new Map<string, Series>();
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...series.values()].flatMap(toValues),
    }),
  };
  // All that a registry needs of a metric.
  registry.registerMetric(metric as unknown as Metric);

  function toValues({ labels, counts, sum }: Series) {
    let upTo = 0;
    const buckets = [...bounds, '+Inf'].map((le, index) => {
      upTo += counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: upTo },
    ];
  }

  function seriesOf(labels: Readonly<Record<L, string>>): Series {
    let key = '';
    for (const label of labelNames) key += `${labels[label]}\n`;
    const known = series.get(key);
    if (known) return known;
    const added = { labels: { ...labels }, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
    series.set(key, added);
    return added;
  }

  return {
    observe(labels, value) {
      const one = seriesOf(labels);
      const bound = bounds.findIndex((bound) => value <= bound);
      const bucket = bound < 0 ? bounds.length : bound;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += value;
    },
  };
}
