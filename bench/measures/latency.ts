import { wholeText } from '../answers.ts';
import { type Connection, open, toRequest } from '../client.ts';
import { type Asked, direct, graphQL, type Mode, rest, startParley } from '../contestants.ts';
import type { Measure, Row } from '../measure.ts';
import { keepAwake } from '../processes.ts';
import { inOrder, quantile, summarize } from '../statistics.ts';

/**
 * The latency that the gateway adds on an idle machine: one connection, one request at a time, each through the gateway between
 * two to the provider itself. Measured to the end of a whole answer and to the first content of a stream. Cores are kept awake:
 * a request through the gateway would otherwise wake twice as many.
 */

type Way = { readonly name: string; readonly connection: Connection; readonly request: Buffer };

const faces = { GraphQL: graphQL, REST: rest };
const marks = { whole: wholeText, stream: '":"."' } as const satisfies Record<Mode, string>;
const names = { whole: 'a whole answer', stream: 'the first token of a stream' } as const satisfies Record<
  Mode,
  string
>;

export const latency: Measure = async ({ upstream, isQuick }) => {
  const plan = isQuick ? { warmUp: 100, blocks: 3, each: 100 } : { warmUp: 8000, blocks: 5, each: 600 };
  const base = `${upstream.paced}/v1`;
  await using gateway = await startParley(base);
  using _awake = keepAwake();
  using stack = new DisposableStack();
  const rows: Row[] = [];
  for (const mode of ['whole', 'stream'] as const) {
    const question = { content: mode === 'whole' ? 'Hello' : 'short' };
    const way = async (name: string, url: string, asked: Asked): Promise<Way> => {
      return { name, connection: stack.use(await open(url)), request: toRequest(url, asked) };
    };
    const alone = await way('alone', base, direct(mode, question));
    const through = [
      await way('GraphQL', gateway.url, faces.GraphQL(mode, question)),
      await way('REST', gateway.url, faces.REST(mode, question)),
    ];
    await sample([alone, ...through], marks[mode], plan.warmUp);
    const blocks: Map<Way, readonly number[]>[] = [];
    for (let block = 0; block < plan.blocks; block++)
      blocks.push(await sample([alone, ...through], marks[mode], plan.each));
    const added = (one: Way, share: number) =>
      summarize(blocks.map((block) => quantile(block.get(one) ?? [], share) - quantile(block.get(alone) ?? [], share)));
    for (const one of through) {
      const what = `latency added to ${names[mode]}, ${one.name}`;
      rows.push({ what: `${what}, p50`, unit: 'ms', goal: { atMost: 0.5 }, sample: added(one, 0.5) });
      rows.push({ what: `${what}, p99`, unit: 'ms', goal: { atMost: 2 }, sample: added(one, 0.99) });
    }
    const own = summarize(blocks.map((block) => quantile(block.get(alone) ?? [], 0.5)));
    rows.push({ what: `the provider alone takes to ${names[mode]}, p50`, unit: 'ms', sample: own });
  }
  return { rows };
};

/** Sorted milliseconds of the given number of requests each way, in turns. */
async function sample(ways: readonly Way[], mark: string, count: number): Promise<Map<Way, readonly number[]>> {
  const taken = new Map(ways.map((way): [Way, number[]] => [way, []]));
  for (let turn = 0; turn < count; turn++) {
    for (const [way, times] of taken) {
      const { markedMs, wire } = await way.connection.ask(way.request, mark);
      if (Number.isNaN(markedMs)) throw new Error(`${way.name} answers ${wire}`);
      times.push(markedMs);
    }
  }
  return new Map([...taken].map(([way, times]) => [way, inOrder(times)]));
}
