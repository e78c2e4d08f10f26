import { inside, ways } from './verdict.ts';
import { allCases, type Result, walk } from './walk.ts';

/**
 * `npm run faults`: every fault, place, provider family, mode and face, with its result. With `--markdown` it prints the table
 * of docs/reliability.md.
 */

const isMarkdown = process.argv.includes('--markdown');
const cases = allCases();
console.error(`${cases.length} cases`);
const startedAt = performance.now();
const { results, output } = await walk(cases, 48);
const wrong = results.filter(({ isRight }) => !isRight);
const leak = inside.exec(output)?.[0];

/** Results of one fault at one place, in the order of the catalogue. */
const rows = new Map<string, Result[]>();
for (const { fault, place } of cases) rows.set(rowOf({ fault, place }), []);
for (const result of results) rows.get(rowOf(result))?.push(result);

if (isMarkdown) printTable();
else printRows();
const longest = Math.round(Math.max(...results.map(({ ms }) => ms)));
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  `\n${results.length - wrong.length} of ${results.length} as expected in ${seconds} s; the longest call took ${longest} ms.`,
);
if (leak !== undefined) console.log(`The gateway tells of its inside on its terminal: ${JSON.stringify(leak)}`);
process.exitCode = wrong.length > 0 || leak !== undefined ? 1 : 0;

function rowOf({ fault, place }: Pick<Result, 'fault' | 'place'>): string {
  return `${String(fault.number).padStart(2)} ${fault.title}, ${place}`;
}

function printRows(): void {
  for (const [row, all] of rows) {
    const bad = all.filter(({ isRight }) => !isRight);
    console.log(`${bad.length === 0 ? 'ok  ' : 'FAIL'} ${row.padEnd(60)} ${told(all)}`);
    for (const { wire, way, face, seen, expected, ms } of bad) {
      console.log(`       ${wire.provider}, ${way}, ${face}: ${seen} after ${Math.round(ms)} ms, expected ${expected}`);
    }
  }
}

function told(all: readonly Result[]): string {
  return [...new Set(all.map(({ seen }) => seen))].sort().join(' · ');
}

function printTable(): void {
  console.log(`| # | fault | where | always | the first time | with a fallback | as expected |`);
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const all of rows.values()) {
    const [one] = all;
    if (!one) continue;
    const columns = ways.map((way) => told(all.filter((each) => each.way === way)));
    const right = `${all.filter(({ isRight }) => isRight).length} of ${all.length}`;
    console.log(`| ${[one.fault.number, one.fault.title, one.place, ...columns, right].join(' | ')} |`);
  }
}
