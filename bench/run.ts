import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { contestants } from './contestants.ts';
import { check, type Mode, measure, perSecond } from './measures/throughput.ts';
import { here } from './processes.ts';
import { type Sample, summarize } from './statistics.ts';
import { startUpstream } from './upstream.ts';

/**
 * `npm run bench`: all contestants side by side on this machine, in turns, so that what else the machine does meets each of
 * them. What counts is how they stand to one another; the numbers themselves are this machine's at this hour.
 */

const isQuick = process.argv.includes('--quick');
const plan = isQuick ? { rounds: 2, warmUp: 1, seconds: 1 } : { rounds: 5, warmUp: 2, seconds: 5 };

type Row = { readonly name: string; readonly sample: Sample };
type Table = { readonly mode: Mode; readonly upstream: number; readonly rows: readonly Row[] };

const titles = {
  whole: 'Whole answers in a second (`chat`)',
  stream: 'Chunks in a second, of answers of 200 chunks that come at once (`chatStream`)',
} as const satisfies Record<Mode, string>;

async function compare(mode: Mode, origin: string): Promise<Table> {
  const base = `${origin}/${mode === 'whole' ? 'whole' : 'burst'}/v1`;
  const alone = measure(base, { path: '/chat/completions', headers: {}, body: '{}' }, mode, plan.seconds);
  const taken = new Map<string, number[]>();
  for (let round = 0; round < plan.rounds; round++) {
    for (const contestant of Object.values(contestants)) {
      const asked = contestant[mode];
      if (!asked) continue;
      await using running = await contestant.start(base);
      try {
        await check(contestant, running.url, asked, mode);
      } catch (thrown) {
        if (round === 0)
          console.log(`  ${contestant.name} is left out: ${thrown instanceof Error ? thrown.message : thrown}`);
        continue;
      }
      measure(running.url, asked, mode, plan.warmUp);
      const value = perSecond(measure(running.url, asked, mode, plan.seconds), mode);
      taken.set(contestant.name, [...(taken.get(contestant.name) ?? []), value]);
      console.log(`  ${mode}, round ${round + 1}: ${contestant.name}: ${Math.round(value)}`);
    }
  }
  const rows = [...taken].map(([name, values]) => ({ name, sample: summarize(values) }));
  return { mode, upstream: perSecond(alone, mode), rows };
}

function toMarkdown({ mode, upstream, rows }: Table): string {
  const own = rows.find(({ name }) => name === contestants.parley.name)?.sample.median ?? Number.NaN;
  const lines = rows
    .toSorted((a, b) => b.sample.median - a.sample.median)
    .map(({ name, sample: { median, least, most } }) => {
      const spread = `${round(least)} to ${round(most)}`;
      return `| ${name} | ${round(median)} | ${spread} | ${(own / median).toFixed(2)} |`;
    });
  return [
    `### ${titles[mode]}`,
    '',
    `| | median | spread | Parley, GraphQL, stands to it as |`,
    '| --- | --- | --- | --- |',
    ...lines,
    `| the provider alone, asked by the same load | ${round(upstream)} | | |`,
    '',
  ].join('\n');
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en');
}

await using upstream = await startUpstream();
const tables: Table[] = [];
for (const mode of ['whole', 'stream'] as const) {
  console.log(titles[mode]);
  tables.push(await compare(mode, upstream.nginx));
}

const { version } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
const about = {
  date: new Date().toISOString().slice(0, 10),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: here('..'), encoding: 'utf8' }).trim(),
  version,
  node: process.version,
  cpu: `${cpus().length} × ${cpus()[0]?.model}`,
  command: `npm run bench${isQuick ? ' -- --quick' : ''}`,
};
const text = [
  `Measured on ${about.date} with \`${about.command}\` at ${about.commit}: ${about.cpu}, Node ${about.node}. The gateway has one core.`,
  '',
  ...tables.map(toMarkdown),
].join('\n');
mkdirSync(here('results'), { recursive: true });
writeFileSync(
  here(`results/${about.date}${isQuick ? '-quick' : ''}.json`),
  `${JSON.stringify({ about, tables }, null, 2)}\n`,
);
console.log(`\n${text}`);
if (!isQuick) {
  const page = here('../docs/performance.md');
  const [before = '', , after = ''] = readFileSync(page, 'utf8').split(/(?<=<!-- measured -->\n)|(?=<!-- end -->)/);
  writeFileSync(page, `${before}${text}\n${after}`);
}
