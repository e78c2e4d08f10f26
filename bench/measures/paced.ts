import { createHistogram } from 'node:perf_hooks';
import { textOf, tokensOf } from '../answers.ts';
import { dechunked, isComplete, open, split, toRequest } from '../client.ts';
import { type Asked, contestants, direct, graphQL, type Server, startParley } from '../contestants.ts';
import { type Measure, once, show } from '../measure.ts';
import { probed } from '../processes.ts';
import { type Sample, summarize } from '../statistics.ts';

/**
 * Many streams at the pace of a model: the gap between two pieces of text as a client sees it, and whether all text arrives. The
 * same client reads the same streams from the provider itself; the difference is the gateway's. A chunk that arrives alone costs
 * a read and a write in any relay; the relay contestant shows their cost on this machine.
 */

const perSecond = 50;
const goalMs = 25;
/** Pieces that are closer than this arrived together: counting them would hide a stall among many short gaps. */
const togetherMs = 1;

type Turn = { readonly alone: Held; readonly parley: Held };

/** Time for an overloaded contestant to deliver the rest. */
const patienceMs = 30_000;

type Plan = { readonly streams: number; readonly seconds: number };

type Held = {
  readonly gapP99Ms: number;
  readonly lostCharacters: number;
  /** Of the gateway or relay, during the measured time. */
  readonly chunkMicroseconds: number;
  /** 99th percentile of how late the provider wrote a chunk: shows whether the provider or the machine is slow. */
  readonly providerLateMs: number;
};

export const paced: Measure = async ({ upstream, isQuick }) => {
  const base = `${upstream.paced}/v1`;
  await using gateway = await startParley(base, { nodeOptions: probed });
  await using relay = await contestants.relay.start(base, { nodeOptions: probed });
  const ways = {
    alone: (plan: Plan) => hold(base, direct, upstream.paced, plan),
    parley: (plan: Plan) => hold(gateway.url, graphQL, upstream.paced, plan, gateway),
    relay: (plan: Plan) => hold(relay.url, graphQL, upstream.paced, plan, relay),
  };
  // Warms up the compiler.
  await Promise.all(Object.values(ways).map((hold) => hold({ streams: 20, seconds: isQuick ? 0.5 : 4 })));

  const plan = isQuick ? { streams: 100, seconds: 1 } : { streams: 1000, seconds: 10 };
  const relayed = await ways.relay(plan);
  const turns: Turn[] = [];
  for (let turn = 0; turn < (isQuick ? 1 : 3); turn++) {
    turns.push({ alone: await ways.alone(plan), parley: await ways.parley(plan) });
  }
  const of = (figure: (turn: Turn) => number): Sample => summarize(turns.map(figure));
  const name = `${show(plan.streams)} streams of ${perSecond} chunks a second for ${turns.length} × ${plan.seconds} s`;

  const numbers = isQuick ? [] : [100, 250, 500, 750, 1000, 1500, 2000];
  const most = { parley: 0, relay: 0 };
  const contenders = new Set(['parley', 'relay'] as const);
  for (const streams of numbers) {
    if (contenders.size === 0) break;
    const short = { streams, seconds: 3 };
    const alone = await ways.alone(short);
    for (const who of contenders) {
      const held = await ways[who](short);
      console.log(`  ${streams} streams, ${who}: p99 ${show(held.gapP99Ms)} ms, ${show(alone.gapP99Ms)} ms alone`);
      if (held.gapP99Ms - alone.gapP99Ms < goalMs && held.lostCharacters === 0) most[who] = streams;
      else contenders.delete(who);
    }
  }

  const added = `${name}: added to the gap between two chunks, p99`;
  const holds = `streams of ${perSecond} chunks a second that one core holds under that`;
  return {
    rows: [
      {
        what: `${name}: lost`,
        unit: 'characters',
        goal: { atMost: 0 },
        sample: of((turn) => turn.parley.lostCharacters),
      },
      {
        what: added,
        unit: 'ms',
        goal: { atMost: goalMs },
        sample: of((turn) => turn.parley.gapP99Ms - turn.alone.gapP99Ms),
      },
      {
        what: 'the same, by the relay by hand',
        unit: 'ms',
        sample: of((turn) => relayed.gapP99Ms - turn.alone.gapP99Ms),
      },
      { what: 'that gap from the provider alone, p99', unit: 'ms', sample: of((turn) => turn.alone.gapP99Ms) },
      { what: 'how late the provider wrote a chunk, p99', unit: 'ms', sample: of((turn) => turn.alone.providerLateMs) },
      {
        what: "the processor's time for a chunk then",
        unit: 'µs',
        sample: of((turn) => turn.parley.chunkMicroseconds),
      },
      { what: 'the same, of the relay by hand', unit: 'µs', sample: once(relayed.chunkMicroseconds) },
      ...(isQuick
        ? []
        : [
            { what: holds, unit: 'streams', sample: once(most.parley) },
            { what: 'the same, by the relay by hand', unit: 'streams', sample: once(most.relay) },
          ]),
    ],
  };
};

async function hold(
  url: string,
  asked: (mode: 'stream', question: { readonly content: string }) => Asked,
  provider: string,
  { streams, seconds }: Plan,
  between?: Server,
): Promise<Held> {
  const startsPerSecond = 400;
  // All streams run during the measured seconds, which start after the last one began.
  const chunks = Math.ceil((seconds + 1 + streams / startsPerSecond) * perSecond);
  const request = toRequest(url, asked('stream', { content: `paced-${perSecond}-${chunks}` }));
  const gaps = createHistogram();
  let isCounting = false;
  const connections = await Promise.all(Array.from({ length: streams }, () => open(url)));
  await fetch(`${provider}/lateness`);
  const wires = connections.map(async ({ socket }, index) => {
    await new Promise((resolve) => setTimeout(resolve, (1000 * index) / startsPerSecond));
    return new Promise<string>((resolve) => {
      const wire = createWire();
      let last = 0;
      socket.on('data', (data: Buffer) => {
        wire.add(data);
        const piece = data.toString('latin1');
        if (piece.includes('"text":"') || piece.includes('"content":"')) {
          const now = performance.now();
          if (isCounting && last > 0 && now - last > togetherMs) gaps.record(Math.round((now - last) * 1000));
          last = now;
        }
        if (piece.endsWith('0\r\n\r\n')) socket.end();
      });
      // A broken stream has lost the rest of its text.
      socket.once('error', () => {});
      socket.once('close', () => resolve(wire.text()));
      socket.write(request);
    });
  });
  const all = Promise.all(wires);
  const latest = setTimeout(
    () => {
      for (const { socket } of connections) socket.destroy();
    },
    (1000 * chunks) / perSecond + patienceMs,
  );
  await new Promise((resolve) => setTimeout(resolve, 1000 * (streams / startsPerSecond + 0.5)));
  const before = await between?.vitals();
  isCounting = true;
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  isCounting = false;
  const after = await between?.vitals();
  const expected = tokensOf(chunks).join('');
  let lostCharacters = 0;
  for (const wire of await all) {
    const missing = lost(wire, expected);
    if (missing > 0 && lostCharacters === 0)
      console.log(`  a stream is not complete; it ends with: ${wire.slice(-300)}`);
    lostCharacters += missing;
  }
  clearTimeout(latest);
  const providerLateMs = Number(await (await fetch(`${provider}/lateness`)).text());
  const took = (after?.processorMicroseconds ?? 0) - (before?.processorMicroseconds ?? 0);
  const chunkMicroseconds = took / (streams * perSecond * seconds);
  return { gapP99Ms: gaps.percentile(99) / 1000, lostCharacters, chunkMicroseconds, providerLateMs };
}

/** Received text, kept outside of the heap: collecting garbage among a hundred megabytes of text takes longer than a gap. */
function createWire() {
  let bytes = Buffer.allocUnsafeSlow(128 * 1024);
  let length = 0;
  return {
    add(piece: Buffer): void {
      if (length + piece.length > bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length);
      length += piece.copy(bytes, length);
    },
    text: () => bytes.toString('latin1', 0, length),
  };
}

/** Counts missing and wrong text. */
function lost(wire: string, expected: string): number {
  const text = isComplete(wire) ? textOf(dechunked(split(wire).body)) : '';
  if (text === expected) return 0;
  let same = 0;
  while (same < text.length && text[same] === expected[same]) same += 1;
  return expected.length - same;
}
