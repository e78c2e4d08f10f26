import { parseArgs } from 'node:util';
import { toMiB } from './mebibytes.ts';
import { soak } from './soak.ts';
import { verdictOf } from './soak-verdict.ts';

/** `npm run soak`: ten minutes, or the given time, of all kinds of callers at a provider with all kinds of faults. */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    callers: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    reload: { type: 'boolean', default: false },
  },
});
const [ms, callers, seed] = [Number(values.seconds) * 1000, Number(values.callers), Number(values.seed)];
if (!(ms > 0) || !Number.isSafeInteger(callers) || !Number.isSafeInteger(seed)) {
  console.error('Usage: npm run soak -- [--seconds NUMBER] [--callers NUMBER] [--seed NUMBER] [--reload]');
  process.exit(2);
}
const soaked = await soak({ ms, seed, callers, reload: values.reload });
const { calls, left, stalled, before, after, heapBytes, connections } = soaked;
console.log(
  `${calls} calls in ${values.seconds} s: ${left} left, ${stalled} stopped reading; ${connections} connections`,
);
console.log(
  `heap  ${toMiB(before.heapBytes)} MiB warm, then ${heapBytes.map(toMiB).join(', ')}; ${toMiB(after.heapBytes)} in the end`,
);
console.log(`rss   ${toMiB(before.rssBytes)} MiB warm, ${toMiB(after.rssBytes)} in the end`);
console.log(
  `holds ${JSON.stringify(after.resources)}, ${after.listeners} listeners; when warm ${JSON.stringify(before.resources)}, ${before.listeners}`,
);
const wrong = verdictOf(soaked);
for (const what of wrong) console.log(`FAIL  ${what}`);
console.log(wrong.length === 0 ? 'ok    nothing is left' : '');
process.exitCode = wrong.length === 0 ? 0 : 1;
