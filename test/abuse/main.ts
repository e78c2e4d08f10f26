import { attacks } from './attacks.ts';
import { playAttacks } from './play.ts';

/** `npm run abuse`: plays every attack of the security review, and prints its effect on another caller. */

const goals = { stallMs: 100, rssGrowthMiB: 200 };
const outcomes = await playAttacks(attacks);
console.log(
  'longest stall of another caller, growth of the process, answers and failures of the other caller, statuses',
);
let missed = 0;
for (const { name, stallMs, rssGrowthMiB, victimAnswered, victimFailed, statuses, isAlive } of outcomes) {
  const isMet = isAlive && victimFailed === 0 && stallMs <= goals.stallMs && rssGrowthMiB <= goals.rssGrowthMiB;
  if (!isMet) missed += 1;
  const figures = [`${stallMs} ms`, `${rssGrowthMiB} MiB`, `${victimAnswered} ok`, `${victimFailed} failed`];
  console.log(
    `${isMet ? 'ok  ' : 'MISS'} ${figures.map((one) => one.padStart(10)).join('')}  ${statuses.join(' ')}  ${name}`,
  );
}
console.log(
  `\n${outcomes.length - missed} of ${outcomes.length} attacks met the goals (stall ≤ 100 ms, growth ≤ 200 MiB, no failure).`,
);
process.exitCode = missed > 0 ? 1 : 0;
