import { allCases, type Result, walk } from './walk.ts';

/** `npm run faults`: every fault, place, provider family, way and face, and what became of each. */

const cases = allCases();
console.log(`${cases.length} cases`);
const startedAt = performance.now();
const { results } = await walk(cases, 64);

const rows = new Map<string, Result[]>();
for (const result of results) {
  const row = `${String(result.fault.number).padStart(2)} ${result.fault.title}, ${result.place}`;
  rows.set(row, [...(rows.get(row) ?? []), result]);
}
for (const [row, all] of [...rows].sort(([a], [b]) => a.localeCompare(b))) {
  const seen = new Set(all.map(({ seen: told }) => told));
  const wrong = all.filter(({ isRight }) => !isRight);
  console.log(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${row.padEnd(52)} ${[...seen].sort().join(' · ')}`);
  for (const { wire, way, face, seen: told, expected, ms } of wrong) {
    console.log(`       ${wire.provider}, ${way}, ${face}: ${told} after ${Math.round(ms)} ms, expected ${expected}`);
  }
}
const wrong = results.filter(({ isRight }) => !isRight);
const longest = Math.round(Math.max(...results.map(({ ms }) => ms)));
console.log(
  `\n${results.length - wrong.length} of ${results.length} as expected in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; the longest call took ${longest} ms.`,
);
process.exitCode = wrong.length > 0 ? 1 : 0;
