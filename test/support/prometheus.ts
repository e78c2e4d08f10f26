import parse, { type Family, type Metric } from 'parse-prometheus-text-format';

export type Scraped = {
  readonly families: readonly Family[];
  /** The samples of this name. */
  of(name: string): readonly Metric[];
};

/** What Prometheus reads. The parser folds all series of a histogram into one; declared as untyped, it keeps them. */
export function scrape(text: string): Scraped {
  const families = parse(text.replace(/^(# TYPE \S+) histogram$/gm, '$1 untyped'));
  return {
    families,
    of: (name) => families.filter((family) => family.name === name).flatMap(({ metrics }) => metrics),
  };
}
