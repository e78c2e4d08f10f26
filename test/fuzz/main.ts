import { parseArgs } from 'node:util';
import { comparePaths, compareTransports } from './compare-paths.ts';
import { fuzz } from './run.ts';

/** `npm run fuzz`: the given number of cases, or one case again. */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: process.env['FUZZ_SEED'] ?? String(Math.floor(Math.random() * 1e6)) },
    count: { type: 'string', default: process.env['FUZZ_COUNT'] ?? '100000' },
    only: { type: 'string' },
    operations: { type: 'string', default: '10000' },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count)) {
  console.error('Usage: npm run fuzz -- [--seed NUMBER] [--count NUMBER] [--only NUMBER]');
  process.exit(2);
}
console.log(`seed ${seed}, ${values.only === undefined ? `${count} cases` : `case ${values.only}`}`);
const startedAt = performance.now();
const numbers =
  values.only === undefined ? Array.from({ length: count }, (_, number) => number) : [Number(values.only)];
const { failures, outcomes } = await fuzz({ seed, numbers });
for (const [outcome, times] of [...outcomes].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${String(times).padStart(8)} ${outcome}`);
}
for (const { number, level, what, sent, answer } of failures.slice(0, 20)) {
  console.log(`\n${level}, ${what}. Again: npm run fuzz -- --seed ${seed} --only ${number}`);
  console.log(`sent ${JSON.stringify(sent.slice(0, 2_000))}\ngot  ${JSON.stringify(answer.slice(0, 2_000))}`);
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`\n${failures.length} of ${numbers.length} cases failed, in ${seconds} s (seed ${seed}).`);
const operations = values.only === undefined ? Number(values.operations) : 0;
const { compared, differences } = await comparePaths(seed * 100_003, operations);
for (const { seed: own, query, fast, yoga } of differences.slice(0, 5)) {
  console.log(`\noperation ${own} differs: ${query}\nfast path ${fast}\nyoga      ${yoga}`);
}
console.log(`${differences.length} of ${compared} operations differ between the fast path and graphql-yoga.`);
const others = await compareTransports(seed * 100_003, operations);
for (const difference of others.slice(0, 5)) console.log(difference);
console.log(
  `${others.length} of ${operations} operations differ between graphql-yoga and batches, WebSockets or single connections.`,
);
process.exitCode = failures.length + differences.length + others.length > 0 ? 1 : 0;
