import { type Contestant, contestants, type Mode } from '../contestants.ts';
import { check, measure, perSecond } from '../load.ts';
import { type Goal, type Measure, type Row, show } from '../measure.ts';
import { type Sample, summarize } from '../statistics.ts';

/** Answers and chunks per second of each contestant, measured in turns. */

const titles = {
  whole: 'Whole answers in a second (`chat`)',
  stream: 'Chunks in a second, of answers of 200 chunks that come at once (`chatStream`)',
} as const satisfies Record<Mode, string>;

const { parley, bare, relay, stockYoga, portkey } = contestants;

type Comparison = { readonly mode: Mode; readonly to: Contestant; readonly times: number };

const goals: readonly Comparison[] = [
  { mode: 'whole', to: bare, times: 0.75 },
  { mode: 'whole', to: portkey, times: 5 },
  { mode: 'stream', to: relay, times: 0.8 },
  { mode: 'stream', to: stockYoga, times: 5 },
  { mode: 'stream', to: portkey, times: 5 },
];

/** Results of each round, by contestant. */
type Rounds = ReadonlyMap<string, readonly number[]>;

type Plan = {
  /** Warm-up rounds, not counted: a large program is compiled for a quarter of a minute. */
  readonly warmUps: number;
  readonly rounds: number;
  /** Duration of one turn. */
  readonly seconds: number;
};

export const throughput: Measure = async ({ upstream, isQuick }) => {
  const plan: Plan = isQuick ? { warmUps: 0, rounds: 1, seconds: 1 } : { warmUps: 8, rounds: 7, seconds: 3 };
  const rows: Row[] = [];
  const details: string[] = [];
  for (const mode of ['whole', 'stream'] as const) {
    const base = `${upstream.nginx}/${mode === 'whole' ? 'whole' : 'burst'}/v1`;
    const alone = measure(base, { path: '/chat/completions', headers: {}, body: '{}' }, mode, plan.seconds);
    const rounds = await takeTurns(mode, base, plan);
    rows.push(...goals.filter((goal) => goal.mode === mode).flatMap((goal) => toRow(goal, rounds)));
    details.push(toMarkdown(mode, rounds, perSecond(alone, mode)));
  }
  return { rows, details: details.join('\n') };
};

async function takeTurns(mode: Mode, base: string, { warmUps, rounds, seconds }: Plan): Promise<Rounds> {
  // Contestants that are not measured use no processor.
  await using stack = new AsyncDisposableStack();
  const asking = new Map<Contestant, () => number>();
  const found = new Map<string, number[]>();
  const leaveOut = (contestant: Contestant, thrown: unknown) => {
    asking.delete(contestant);
    found.delete(contestant.name);
    console.log(`  ${contestant.name} is left out: ${thrown instanceof Error ? thrown.message : thrown}`);
  };
  for (const contestant of Object.values<Contestant>(contestants)) {
    const asked = contestant[mode];
    if (!asked) continue;
    const { url } = stack.use(await contestant.start(base));
    try {
      await check(contestant, url, asked, mode);
      asking.set(contestant, () => perSecond(measure(url, asked, mode, seconds), mode));
      found.set(contestant.name, []);
    } catch (thrown) {
      leaveOut(contestant, thrown);
    }
  }
  // Warm-up is in turns, too: after two quiet minutes V8 drops compiled code.
  for (let round = 1 - warmUps; round <= rounds; round++) {
    // The order is reversed each round, so that no contestant always follows the same one.
    const order = round % 2 === 0 ? [...asking].reverse() : [...asking];
    for (const [contestant, ask] of order) {
      try {
        const value = ask();
        if (round < 1) continue;
        found.get(contestant.name)?.push(value);
        console.log(`  ${mode}, round ${round}: ${contestant.name}: ${show(value)}`);
      } catch (thrown) {
        leaveOut(contestant, thrown);
      }
    }
  }
  return found;
}

/** Ratio of Parley to a contestant in each round. Empty where it was excluded. */
function toRow({ mode, to, times }: Comparison, rounds: Rounds): Row[] {
  const own = rounds.get(parley.name);
  if (!own) throw new Error('There is nothing to compare: Parley itself is left out');
  const other = rounds.get(to.name);
  if (!other) return [];
  const goal: Goal = { atLeast: times };
  const what = `${mode === 'whole' ? '`chat`, answers' : '`chatStream` with a backlog, chunks'} in a second, to ${to.name}`;
  return [{ what, unit: 'times', goal, sample: summarize(own.map((value, index) => value / (other[index] ?? 0))) }];
}

function toMarkdown(mode: Mode, rounds: Rounds, alone: number): string {
  const rows = [...rounds].map(([name, values]): readonly [string, Sample] => [name, summarize(values)]);
  const own = rows.find(([name]) => name === parley.name)?.[1].median ?? Number.NaN;
  const lines = rows
    .toSorted(([, a], [, b]) => b.median - a.median)
    .map(
      ([name, { median, least, most }]) =>
        `| ${name} | ${show(median)} | ${show(least)} to ${show(most)} | ${(own / median).toFixed(2)} |`,
    );
  return [
    `### ${titles[mode]}`,
    '',
    '| | median | spread | Parley, GraphQL, stands to it as |',
    '| --- | --- | --- | --- |',
    ...lines,
    `| the provider alone, asked by the same load | ${show(alone)} | | |`,
    '',
  ].join('\n');
}
