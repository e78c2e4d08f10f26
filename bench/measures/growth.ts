import { wholeText } from '../answers.ts';
import { type Line, toChart } from '../chart.ts';
import { type Connection, open, toRequest } from '../client.ts';
import {
  type Asked,
  direct,
  graphQL,
  rest,
  type Server,
  type Settings,
  settings,
  startParley,
} from '../contestants.ts';
import { type Measure, type Row, show } from '../measure.ts';
import { inOrder, quantile, type Sample, summarize } from '../statistics.ts';

/**
 * The time of one request as inputs grow: it may grow in proportion to the history, and must not grow with the number of models
 * and callers. One request at a time.
 */

const histories = [1e3, 1e4, 1e5, 1e6, 1e7];
/** A catalogue ten times as large and ten thousand callers, compared with one of each. */
const [fewModels, manyModels] = [1, 2500];
const [fewCallers, manyCallers] = [1, 10_000];

type Plan = { readonly blocks: number; readonly each: number };

export const growth: Measure = async ({ upstream, isQuick }) => {
  const base = `${upstream.nginx}/whole/v1`;
  const plan: Plan = isQuick ? { blocks: 1, each: 10 } : { blocks: 5, each: 300 };
  await using plain = await startParley(base);
  const curves = await climb(
    [
      { name: 'GraphQL', url: plain.url, asked: (history) => graphQL('whole', { history }) },
      { name: 'REST', url: plain.url, asked: (history) => rest('whole', { history }) },
      { name: 'the provider alone', url: base, asked: (history) => direct('whole', { history }) },
    ],
    plan,
  );
  const rows = curves.slice(0, 2).map(({ name, blocks }): Row => {
    const tenTimes = blocks.map((times) => (times.at(-1) ?? Number.NaN) / (times.at(-2) ?? Number.NaN));
    const what = `time of a request with a history of 10 MB, to 1 MB, ${name}`;
    // Ten, plus the effects of processor caches and garbage collection.
    return { what, unit: 'times', goal: { atMost: 13 }, sample: summarize(tenTimes) };
  });
  const others: readonly { readonly what: string; readonly few: Settings; readonly many: Settings }[] = [
    {
      what: `${show(manyModels)} further models, to ${fewModels}`,
      few: { models: modelNames(fewModels) },
      many: { models: modelNames(manyModels) },
    },
    {
      what: `${show(manyCallers)} further callers, to ${fewCallers}`,
      few: { callers: strangers(fewCallers) },
      many: { callers: strangers(manyCallers) },
    },
  ];
  for (const { what, few, many } of others) {
    await using little = await startParley(base, { yaml: settings(base, few) });
    await using much = await startParley(base, { yaml: settings(base, many) });
    rows.push({
      what: `time of a request with ${what}`,
      unit: 'times',
      goal: { atMost: 1.2 },
      sample: await compare(little, much, plan),
    });
  }
  return {
    rows,
    details: '![Time of a request against the bytes of its history](images/cost-growth.svg)\n',
    pictures: { 'cost-growth.svg': draw(curves.map(toLine)) },
  };
};

type Way = { readonly name: string; readonly url: string; readonly asked: (history: number) => Asked };
/** Milliseconds by size of history, once per block. */
type Curve = { readonly name: string; readonly blocks: readonly (readonly number[])[] };

async function climb(ways: readonly Way[], { blocks, each }: Plan): Promise<readonly Curve[]> {
  using stack = new DisposableStack();
  const curves = new Map<Way, number[][]>(ways.map((way) => [way, []]));
  // The first request warms up the compiler.
  for (let block = -1; block < blocks; block++) {
    for (const [way, taken] of curves) {
      const connection = stack.use(await open(way.url));
      const times: number[] = [];
      for (const history of histories) {
        const request = toRequest(way.url, way.asked(history));
        times.push(await ask(connection, request, Math.max(3, Math.round((each * 1e4) / Math.max(1e4, history)))));
      }
      if (block >= 0) taken.push(times);
    }
  }
  return [...curves].map(([{ name }, blocks]) => ({ name, blocks }));
}

function toLine({ name, blocks }: Curve): Line {
  const points = histories.map((history, at) => {
    const { median } = summarize(blocks.map((times) => times[at] ?? Number.NaN));
    return { x: history, y: median, label: `${show(history)} bytes, ${show(median)} ms` };
  });
  return { name, points };
}

/** Median milliseconds of the given number of requests. */
async function ask(connection: Connection, request: Buffer, count: number): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const { endMs, wire } = await connection.ask(request);
    if (!wire.includes(wholeText)) throw new Error(`The answer is ${wire}`);
    times.push(endMs);
  }
  return quantile(inOrder(times), 0.5);
}

/** The ratio of the second to the first, measured in turns. */
async function compare(first: Server, second: Server, { blocks, each }: Plan): Promise<Sample> {
  using one = await open(first.url);
  using other = await open(second.url);
  const [askOne, askOther] = [first, second].map(({ url }) => toRequest(url, graphQL('whole')));
  if (!askOne || !askOther) throw new Error('Nothing to ask');
  for (let turn = 0; turn < 2; turn++) {
    await ask(one, askOne, 2 * each);
    await ask(other, askOther, 2 * each);
  }
  const ratios: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const times: [number[], number[]] = [[], []];
    for (let turn = 0; turn < each; turn++) {
      times[0].push(await ask(one, askOne, 1));
      times[1].push(await ask(other, askOther, 1));
    }
    const [few, many] = times.map((values) => quantile(inOrder(values), 0.5));
    ratios.push((many ?? Number.NaN) / (few ?? Number.NaN));
  }
  return summarize(ratios);
}

function modelNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `model-${index}`);
}

function strangers(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    name: `stranger-${index}`,
    sha256: index.toString(16).padStart(64, '0'),
  }));
}

function draw(lines: readonly Line[]): string {
  const powers = (from: number, to: number, unit: (value: number) => string) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({
      at: 10 ** (from + index),
      label: unit(10 ** (from + index)),
    }));
  const times = lines.flatMap(({ points }) => points.map(({ y }) => Math.log10(y)));
  return toChart(
    'Time of a chat request against the bytes of its history, both logarithmic',
    {
      title: 'bytes of the history',
      ticks: powers(3, 7, (bytes) => (bytes < 1e6 ? `${bytes / 1e3} KB` : `${bytes / 1e6} MB`)),
    },
    {
      title: 'time of a request',
      ticks: powers(Math.floor(Math.min(...times)), Math.ceil(Math.max(...times)), (ms) => `${show(ms)} ms`),
    },
    lines,
  );
}
