import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contestants, type Mode, settings } from './contestants.ts';
import { measure } from './load.ts';
import { type Moment, momentMs } from './moments.ts';
import { folder, freePort, here, node, start } from './processes.ts';
import { summarize } from './statistics.ts';
import { startUpstream } from './upstream.ts';

/**
 * `npm run bench:telemetry`: the cost of telemetry. One gateway under load runs alternating periods with log, metrics, spans and
 * usage on and off: servers/counted.ts. The result is processor time per call by the system's account; calls per second depend
 * on the other load of the machine.
 */

const warmUpSeconds = 6;
const seconds = 60;

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
  const lines = readFileSync(join(directory, 'moments'), 'utf8').trim().split('\n');
  const moments = lines.map((line): Moment => JSON.parse(line)).slice((warmUpSeconds * 1000) / momentMs);
  const perCall = moments.map(({ microseconds, calls }) => microseconds / calls);
  const taken = (isCounted: boolean) => perCall.filter((_, index) => moments[index]?.isCounted === isCounted);
  // Each period is compared with the two around it: other load changes more slowly.
  const ratios = perCall.flatMap((microseconds, index) => {
    const [before, after] = [perCall[index - 1], perCall[index + 1]];
    const isBetween = moments[index]?.isCounted && before !== undefined && after !== undefined;
    return isBetween ? [microseconds / ((before + after) / 2)] : [];
  });
  const { median, least, most } = summarize(ratios);
  const percent = (ratio: number) => `${(100 * (ratio - 1)).toFixed(1)} %`;
  const us = (values: readonly number[]) => `${summarize(values).median.toFixed(0)} µs`;
  const name = mode === 'whole' ? 'chat' : 'chatStream';
  console.log(
    `${name}: keeping count takes ${percent(median)} more (${percent(least)} to ${percent(most)}): ${us(taken(true))}, and ${us(taken(false))} without`,
  );
}

await using upstream = await startUpstream();
for (const mode of ['whole', 'stream'] as const) await compare(mode, upstream.nginx);
