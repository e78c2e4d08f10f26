import { parseArgs } from 'node:util';
import { measureOverload } from './measure.ts';

/** `npm run overload`: goodput, refusals and event loop delay of an overloaded gateway. */

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20' },
    'call-ms': { type: 'string', default: '400' },
    seconds: { type: 'string', default: '10' },
  },
});
const [calls, callMs, seconds] = [values.calls, values['call-ms'], values.seconds].map(Number) as [
  number,
  number,
  number,
];
console.log(`Room for ${calls} calls of ${callMs} ms each, ${seconds} s for each line, both faces:\n`);
console.log('asked of its room | asked | answered/s | refused |  lost | refusal p99 | loop late p99');
const measured = await measureOverload({ calls, callMs, seconds }, [0.5, 1, 2, 3]);
for (const { factor, asked, goodput, refused, lost, refusalP99Ms, loopP99Ms } of measured) {
  const columns = [
    `${factor} x`.padStart(17),
    String(asked).padStart(5),
    goodput.toFixed(1).padStart(10),
    String(refused).padStart(7),
    String(lost).padStart(5),
    `${refusalP99Ms.toFixed(1)} ms`.padStart(11),
    `${loopP99Ms.toFixed(1)} ms`.padStart(13),
  ];
  console.log(columns.join(' | '));
}
const best = Math.max(...measured.map(({ goodput }) => goodput));
const { goodput = 0, refusalP99Ms = 0, loopP99Ms = 0, lost = 0 } = measured.at(-1) ?? {};
const goals: readonly [string, boolean][] = [
  [`goodput at 3 x is ${((100 * goodput) / best).toFixed(0)} % of the best (80 % at least)`, goodput >= 0.8 * best],
  [`refusals at 3 x take ${refusalP99Ms.toFixed(1)} ms at p99 (less than 20 ms)`, refusalP99Ms < 20],
  [`the loop is ${loopP99Ms.toFixed(1)} ms late at p99 at 3 x (less than 100 ms)`, loopP99Ms < 100],
  [`${lost} requests are neither answered nor refused (0)`, lost === 0],
];
console.log('');
for (const [goal, isMet] of goals) console.log(`${isMet ? 'ok  ' : 'FAIL'} ${goal}`);
process.exitCode = goals.every(([, isMet]) => isMet) ? 0 : 1;
