/** A parser of Prometheus' text format without types of its own. */
declare module 'parse-prometheus-text-format' {
  export type Metric = {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value?: string;
    readonly count?: string;
    readonly sum?: string;
    readonly buckets?: Readonly<Record<string, string>>;
  };
  export type Family = {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly metrics: readonly Metric[];
  };
  export default function parse(text: string): readonly Family[];
}
