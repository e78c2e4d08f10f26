import { readFileSync } from 'node:fs';
import { type Asked, contestants, type Mode, settings } from './contestants.ts';
import { measure } from './load.ts';
import { folder, freePort, here, node, type Running, start } from './processes.ts';
import { summarize } from './statistics.ts';
import { startUpstream } from './upstream.ts';

/**
 * `npm run bench:telemetry`: what it costs to keep count of calls. The same gateway with log, metrics, spans and usage, and
 * without, both running and asked in turns. What is compared is the processor's time for one call, by the system's account: how
 * many calls fit into a second depends on what else the machine does.
 */

const rounds = 9;
const seconds = 2;

async function startCounted(upstream: string, counted: 'on' | 'off') {
  const port = await freePort();
  const directory = folder({ 'parley.yaml': settings(upstream) });
  const running = await start([node, here('servers/counted.ts'), String(port), directory, counted], {
    core: 'gateway',
    env: { NODE_ENV: 'production', UP_KEY: 'key' },
    ready: /ready/,
  });
  return { ...running, url: `http://127.0.0.1:${port}` };
}

function microsecondsPerCall({ pid, url }: Running & { readonly url: string }, asked: Asked, mode: Mode): number {
  const before = processorMs(pid);
  const calls = measure(url, asked, mode, seconds) * seconds;
  return (1000 * (processorMs(pid) - before)) / calls;
}

/** What the system has given a process so far: user and system time, in ticks of a hundredth of a second (proc(5)). */
function processorMs(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return 10 * ((user ?? Number.NaN) + (system ?? Number.NaN));
}

async function compare(mode: Mode, origin: string): Promise<void> {
  const base = `${origin}/${mode === 'whole' ? 'whole' : 'burst'}/v1`;
  await using on = await startCounted(base, 'on');
  await using off = await startCounted(base, 'off');
  const asked = contestants.parley[mode];
  for (const { url } of [on, off]) measure(url, asked, mode, seconds);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes with each round.
    const pair = round % 2 === 0 ? [on, off] : [off, on];
    const taken = new Map(pair.map((one) => [one, microsecondsPerCall(one, asked, mode)]));
    const [counted, silent] = [taken.get(on) ?? Number.NaN, taken.get(off) ?? Number.NaN];
    ratios.push(counted / silent);
    console.log(`  ${mode}, round ${round + 1}: on ${Math.round(counted)} µs, off ${Math.round(silent)} µs`);
  }
  const { median, least, most } = summarize(ratios);
  const percent = (ratio: number) => `${(100 * (ratio - 1)).toFixed(1)} %`;
  const name = mode === 'whole' ? 'chat' : 'chatStream';
  console.log(`${name}: keeping count takes ${percent(median)} more (${percent(least)} to ${percent(most)})`);
}

await using upstream = await startUpstream();
for (const mode of ['whole', 'stream'] as const) await compare(mode, upstream.nginx);
