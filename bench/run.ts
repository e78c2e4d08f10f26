import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type About, aboutThisRun } from './about.ts';
import { isMet, type Measure, type Measured, show, toTable } from './measure.ts';
import { bytesPerToken } from './measures/bytes-per-token.ts';
import { growth } from './measures/growth.ts';
import { latency } from './measures/latency.ts';
import { leaving } from './measures/leaving.ts';
import { memory } from './measures/memory.ts';
import { paced } from './measures/paced.ts';
import { startUp } from './measures/start-up.ts';
import { throughput } from './measures/throughput.ts';
import { here, pinSelf, raiseDescriptors } from './processes.ts';
import { startUpstream } from './upstream.ts';

/**
 * `npm run bench`: all contestants side by side on this machine, in turns, so that other load meets each of them. Ratios count;
 * absolute numbers belong to this machine at this hour.
 */

const measures = {
  throughput,
  latency,
  'bytes-per-token': bytesPerToken,
  leaving,
  paced,
  memory,
  'start-up': startUp,
  growth,
} as const satisfies Record<string, Measure>;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const unknown = options.only.filter((name) => !Object.hasOwn(measures, name));
if (unknown.length > 0) refuse(`No measure: ${unknown.join(', ')}. There are: ${Object.keys(measures).join(', ')}`);
if (options.write && options.only.length > 0) refuse('--write shows one run of all measures, not of some.');

pinSelf();
raiseDescriptors();
const measured = new Map<string, Measured>();
for (const [name, measure] of Object.entries<Measure>(measures)) {
  if (options.only.length > 0 && !options.only.includes(name)) continue;
  console.log(name);
  // A new set for each measure: effects of one measure must not reach the next.
  await using upstream = await startUpstream();
  try {
    const result = await measure({ upstream, isQuick: options.quick });
    for (const row of result.rows) console.log(`  ${row.what}: ${show(row.sample.median)} ${row.unit}`);
    measured.set(name, result);
  } catch (thrown) {
    console.error(thrown);
    process.exitCode = 1;
  }
}

const about = aboutThisRun();
const rows = [...measured.values()].flatMap((result) => result.rows);
const text = [
  toSentence(about),
  '',
  toTable(rows),
  ...[...measured.values()].flatMap(({ details }) => details ?? []),
].join('\n');
mkdirSync(here('results'), { recursive: true });
const name = [about.date, ...(options.quick ? ['quick'] : []), ...options.only].join('-');
const results = rows.map((row) => ({ ...row, isMet: isMet(row) }));
writeFileSync(here(`results/${name}.json`), `${JSON.stringify({ about, results, text }, null, 2)}\n`);
console.log(`\n${text}`);
if (options.write) {
  if (process.exitCode === 1) refuse('Nothing is written: a measure failed.');
  publish(text, Object.assign({}, ...[...measured.values()].map(({ pictures }) => pictures)));
}

function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}

function toSentence({ date, command, commit, machine, node, packages }: About): string {
  return `Measured on ${date} with \`${command}\` at ${commit}: ${machine}; Node ${node}, ${packages}. The gateway has one core.`;
}

/** Writes the results into docs/performance.md, so that no figure is copied by hand. */
function publish(text: string, pictures: Readonly<Record<string, string>>): void {
  const page = here('../docs/performance.md');
  const [before = '', , after = ''] = readFileSync(page, 'utf8').split(/(?<=<!-- measured -->\n)|(?=<!-- end -->)/);
  writeFileSync(page, `${before}${text}\n${after}`);
  for (const [file, svg] of Object.entries(pictures)) writeFileSync(here(`../docs/images/${file}`), svg);
}
