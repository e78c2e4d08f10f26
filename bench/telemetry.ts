import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contestants, type Mode, settings } from './contestants.ts';
import { measure } from './load.ts';
import { folder, freePort, here, node, start } from './processes.ts';
import type { Moment } from './servers/counted.ts';
import { summarize } from './statistics.ts';
import { startUpstream } from './upstream.ts';

/**
 * `npm run bench:telemetry`: what it costs to keep count of calls. One gateway under load counts for a second with log, metrics,
 * spans and usage, and for the next one not at all: servers/counted.ts. What is compared is the processor's time for one call, by
 * the system's account: how many calls fit into a second depends on what else the machine does.
 */

const warmUpSeconds = 6;
const seconds = 40;

async function compare(mode: Mode, origin: string): Promise<void> {
  const base = `${origin}/${mode === 'whole' ? 'whole' : 'burst'}/v1`;
  const port = await freePort();
  const directory = folder({ 'parley.yaml': settings(base) });
  await using _gateway = await start([node, here('servers/counted.ts'), String(port), directory], {
    core: 'gateway',
    env: { NODE_ENV: 'production', UP_KEY: 'key' },
    ready: /ready/,
  });
  measure(`http://127.0.0.1:${port}`, contestants.parley[mode], mode, warmUpSeconds + seconds);
  const moments = readFileSync(join(directory, 'moments'), 'utf8').trim().split('\n').slice(warmUpSeconds);
  const ratios: number[] = [];
  const taken = { counted: [] as number[], silent: [] as number[] };
  const perCall = moments.map((line) => {
    const { isCounted, microseconds, calls }: Moment = JSON.parse(line);
    taken[isCounted ? 'counted' : 'silent'].push(microseconds / calls);
    return { isCounted, us: microseconds / calls };
  });
  // Each beside the two around it: what the machine does otherwise comes and goes more slowly.
  for (const [index, { isCounted, us }] of perCall.entries()) {
    const [before, after] = [perCall[index - 1], perCall[index + 1]];
    if (isCounted && before && after) ratios.push(us / ((before.us + after.us) / 2));
  }
  const { median, least, most } = summarize(ratios);
  const percent = (ratio: number) => `${(100 * (ratio - 1)).toFixed(1)} %`;
  const us = (values: readonly number[]) => `${summarize(values).median.toFixed(0)} µs`;
  const name = mode === 'whole' ? 'chat' : 'chatStream';
  console.log(
    `${name}: keeping count takes ${percent(median)} more (${percent(least)} to ${percent(most)}): ${us(taken.counted)}, and ${us(taken.silent)} without`,
  );
}

await using upstream = await startUpstream();
for (const mode of ['whole', 'stream'] as const) await compare(mode, upstream.nginx);
