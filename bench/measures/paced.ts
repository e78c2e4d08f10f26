import { createHistogram } from 'node:perf_hooks';
import { textOf, tokensOf } from '../answers.ts';
import { dechunked, isComplete, open, split, toRequest } from '../client.ts';
import { type Asked, direct, graphQL, startParley } from '../contestants.ts';
import { type Measure, once, show } from '../measure.ts';
import { type Sample, summarize } from '../statistics.ts';

/**
 * Many streams at the pace of a model. What counts is what a reader sees: how long it is from one piece of text to the next, and
 * whether all of it comes. The same client reads the same streams from the provider itself; the difference is the gateway's.
 */

const perSecond = 50;
const goalMs = 25;
/** Pieces that are no further apart came together: the flood after a stall would hide it among many short gaps. */
const togetherMs = 1;

type Plan = { readonly streams: number; readonly seconds: number };

type Held = {
  readonly gapP99Ms: number;
  readonly gapP50Ms: number;
  readonly lostCharacters: number;
  /** How late the provider wrote 99 of 100 chunks at most: whether it is the one that is slow, or the machine. */
  readonly providerLateMs: number;
};

export const paced: Measure = async ({ upstream, isQuick }) => {
  const base = `${upstream.paced}/v1`;
  await using gateway = await startParley(base);
  const alone = (plan: Plan) => hold(base, direct, upstream.paced, plan);
  const through = (plan: Plan) => hold(gateway.url, graphQL, upstream.paced, plan);

  const plan = isQuick ? { streams: 200, seconds: 3 } : { streams: 1000, seconds: 10 };
  const turns = isQuick ? 1 : 3;
  // What is new to the gateway is compiled now.
  await through({ streams: 50, seconds: 2 });
  const pairs: { readonly direct: Held; readonly held: Held }[] = [];
  for (let turn = 0; turn < turns; turn++) pairs.push({ direct: await alone(plan), held: await through(plan) });
  const of = (figure: (pair: { readonly direct: Held; readonly held: Held }) => number): Sample =>
    summarize(pairs.map(figure));
  const name = `${show(plan.streams)} streams of ${perSecond} chunks a second, ${plan.seconds * turns} s`;

  const most = await search(isQuick ? [100, 200, 400] : [250, 500, 750, 1000, 1500, 2000, 3000], async (streams) => {
    const short = { streams, seconds: isQuick ? 2 : 5 };
    const [own, held] = [await alone(short), await through(short)];
    const added = held.gapP99Ms - own.gapP99Ms;
    console.log(`  ${streams} streams: p99 of the gap ${show(held.gapP99Ms)} ms, ${show(own.gapP99Ms)} ms alone`);
    return added < goalMs && held.lostCharacters === 0;
  });

  return {
    rows: [
      {
        what: `${name}: characters lost`,
        unit: 'characters',
        goal: { atMost: 0 },
        sample: of((p) => p.held.lostCharacters),
      },
      {
        what: `${name}: added to the gap between two chunks, p99`,
        unit: 'ms',
        goal: { atMost: goalMs },
        sample: of((p) => p.held.gapP99Ms - p.direct.gapP99Ms),
      },
      { what: 'that gap through the gateway, p50', unit: 'ms', sample: of((p) => p.held.gapP50Ms) },
      { what: 'that gap from the provider alone, p99', unit: 'ms', sample: of((p) => p.direct.gapP99Ms) },
      {
        what: 'how late the provider itself wrote a chunk, p99',
        unit: 'ms',
        sample: of((p) => p.held.providerLateMs),
      },
      {
        what: `streams of ${perSecond} chunks a second that one core holds under that`,
        unit: 'streams',
        sample: once(most),
      },
    ],
  };
};

/** The largest of these numbers up to which all hold. */
async function search(numbers: readonly number[], holds: (streams: number) => Promise<boolean>): Promise<number> {
  let most = 0;
  for (const streams of numbers) {
    if (!(await holds(streams))) break;
    most = streams;
  }
  return most;
}

async function hold(
  url: string,
  asked: (mode: 'stream', question: { readonly content: string }) => Asked,
  provider: string,
  { streams, seconds }: Plan,
): Promise<Held> {
  const startsPerSecond = 400;
  // All of them run for the seconds that count, after the last one began.
  const chunks = Math.ceil((seconds + 1 + streams / startsPerSecond) * perSecond);
  const request = toRequest(url, asked('stream', { content: `paced-${perSecond}-${chunks}` }));
  const gaps = createHistogram();
  let isCounting = false;
  const connections = await Promise.all(Array.from({ length: streams }, () => open(url)));
  await fetch(`${provider}/lateness`);
  const wires = connections.map(async ({ socket }, index) => {
    await new Promise((resolve) => setTimeout(resolve, (1000 * index) / startsPerSecond));
    return new Promise<string>((resolve, reject) => {
      const pieces: string[] = [];
      let last = 0;
      socket.on('data', (data: Buffer) => {
        const piece = data.toString('latin1');
        pieces.push(piece);
        if (piece.includes('"text":"') || piece.includes('"content":"')) {
          const now = performance.now();
          if (isCounting && last > 0 && now - last > togetherMs) gaps.record(Math.round((now - last) * 1000));
          last = now;
        }
        if (piece.endsWith('0\r\n\r\n')) socket.end();
      });
      socket.once('error', reject);
      socket.once('close', () => resolve(pieces.join('')));
      socket.write(request);
    });
  });
  const all = Promise.all(wires);
  await new Promise((resolve) => setTimeout(resolve, 1000 * (streams / startsPerSecond + 0.5)));
  isCounting = true;
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  isCounting = false;
  const expected = tokensOf(chunks).join('');
  let lostCharacters = 0;
  for (const wire of await all) lostCharacters += lost(wire, expected);
  const providerLateMs = Number(await (await fetch(`${provider}/lateness`)).text());
  return { gapP99Ms: gaps.percentile(99) / 1000, gapP50Ms: gaps.percentile(50) / 1000, lostCharacters, providerLateMs };
}

/** What does not come, and what comes wrong. */
function lost(wire: string, expected: string): number {
  const text = isComplete(wire) ? textOf(dechunked(split(wire).body)) : '';
  if (text === expected) return 0;
  let same = 0;
  while (same < text.length && text[same] === expected[same]) same += 1;
  return expected.length - same;
}
