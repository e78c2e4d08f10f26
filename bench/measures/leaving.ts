import { setTimeout as wait } from 'node:timers/promises';
import { open, toRequest } from '../client.ts';
import { graphQL, type Mode, rest, startParley } from '../contestants.ts';
import type { Measure, Row } from '../measure.ts';
import { inOrder, quantile, summarize } from '../statistics.ts';

/**
 * How long a provider goes on writing after a client has disconnected: from closing the client's socket to the end of the
 * provider's, which the provider itself times. Both read the same system clock.
 */

type Phase = {
  readonly name: string;
  readonly mode: Mode;
  readonly way: string;
  /** What has arrived before the client disconnects. Nothing: it disconnects when the request has reached the provider. */
  readonly after?: string;
};

const phases: readonly Phase[] = [
  { name: 'in the middle of a stream', mode: 'stream', way: 'paced-50-3000', after: '"text":"' },
  { name: 'before the first byte of a stream', mode: 'stream', way: 'silent' },
  { name: 'before a whole answer', mode: 'whole', way: 'silent' },
  { name: 'in the middle of a stream, REST', mode: 'stream', way: 'paced-50-3000', after: '"content":"W' },
];

export const leaving: Measure = async ({ upstream, isQuick }) => {
  const plan = isQuick ? { blocks: 2, each: 25 } : { blocks: 5, each: 200 };
  await using gateway = await startParley(`${upstream.paced}/v1`);
  const rows: Row[] = [];
  for (const phase of phases) {
    const face = phase.name.endsWith('REST') ? rest : graphQL;
    await leave(20);
    const blocks: (readonly number[])[] = [];
    for (let block = 0; block < plan.blocks; block++) blocks.push(await leave(plan.each));
    const what = `from leaving ${phase.name} to the end of the provider's connection, p99`;
    // Over all runs; the spread is that of the blocks.
    const all = quantile(inOrder(blocks.flat()), 0.99);
    const sample = { ...summarize(blocks.map((block) => quantile(block, 0.99))), median: all };
    rows.push({ what, unit: 'ms', goal: { atMost: 50 }, sample });

    async function leave(runs: number): Promise<readonly number[]> {
      const left = new Map<string, number>();
      for (let run = 0; run < runs; run++) {
        const user = `caller-${run}`;
        const asked = face(phase.mode, { content: phase.way, user });
        using connection = await open(gateway.url);
        const arrival = phase.after === undefined ? fetch(`${upstream.paced}/arrival/${user}`) : undefined;
        connection.socket.write(toRequest(gateway.url, asked));
        await (arrival ?? said(connection.socket, phase.after ?? ''));
        left.set(user, microseconds());
        connection.socket.destroy();
      }
      const closed = await allClosed(upstream.paced);
      if (closed.size !== runs) throw new Error(`${closed.size} of ${runs} connections to the provider were closed`);
      return inOrder([...left].map(([user, at]) => ((closed.get(user) ?? Number.NaN) - at) / 1000));
    }
  }
  return { rows };
};

async function said(pieces: AsyncIterable<Buffer>, wanted: string): Promise<void> {
  let wire = '';
  for await (const piece of pieces) {
    wire += piece.toString('latin1');
    if (wire.includes(wanted)) return;
  }
  throw new Error(`The connection closed after: ${wire}`);
}

/** Resolves when the provider has no open connection. */
async function allClosed(provider: string): Promise<ReadonlyMap<string, number>> {
  while ((await (await fetch(`${provider}/open`)).text()) !== '0') await wait(5);
  return new Map((await (await fetch(`${provider}/closed`)).json()) as [string, number][]);
}

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
