import type { Sample } from './statistics.ts';
import type { Upstream } from './upstream.ts';

/** Parameters and result of a measure. */

export type Bench = {
  readonly upstream: Upstream;
  /** A shorter run. */
  readonly isQuick: boolean;
};

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

export type Row = {
  readonly what: string;
  readonly unit: string;
  readonly sample: Sample;
  /** None: the row has no goal and explains others. */
  readonly goal?: Goal;
};

export type Measured = {
  readonly rows: readonly Row[];
  /** Markdown below the table of all rows. */
  readonly details?: string;
  /** SVG by file name, for docs/images. */
  readonly pictures?: Readonly<Record<string, string>>;
};

export type Measure = (bench: Bench) => Promise<Measured>;

/** A value that was counted once and has no spread. */
export function once(value: number): Sample {
  return { median: value, least: value, most: value };
}

export function isMet({ sample: { median }, goal }: Row): boolean | undefined {
  if (!goal) return undefined;
  return 'atMost' in goal ? median <= goal.atMost : median >= goal.atLeast;
}

export function toTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const met = isMet(row);
    return `| ${row.what} | ${toGoal(row)} | ${toResult(row)} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`;
  });
  return ['| measure | goal | median, and spread | met |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}

function toGoal({ goal, unit }: Row): string {
  if (!goal) return '';
  return 'atMost' in goal ? `≤ ${show(goal.atMost)} ${unit}` : `≥ ${show(goal.atLeast)} ${unit}`;
}

function toResult({ unit, sample: { median, least, most } }: Row): string {
  const spread = least === most ? '' : ` (${show(least)} to ${show(most)})`;
  return `${show(median)} ${unit}${spread}`;
}

/** Three significant digits. */
export function show(value: number): string {
  return value.toLocaleString('en', value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}
