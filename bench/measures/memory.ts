import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Connection, open, toRequest } from '../client.ts';
import { graphQL, type Server, startParley } from '../contestants.ts';
import { type Measure, once, show } from '../measure.ts';
import type { Vitals } from '../probe.ts';
import { probed } from '../processes.ts';
import type { Upstream } from '../upstream.ts';

/**
 * What a stream holds while its model is silent, and whether it is given back: with the system's allocator, and with the one of
 * the image (deploy/Dockerfile), where this system has it. Memory is asked for after the garbage is collected, of the process
 * itself; the kernel's buffers are not in it.
 */

const ofImage = { LD_PRELOAD: 'libjemalloc.so.2' };

type Plan = {
  readonly wanted: number;
  /** How long after the last stream it is looked at again. An allocator may keep for ten seconds what is not used. */
  readonly afterwardsMs: number;
};

type Filled = {
  readonly streams: number;
  readonly before: Vitals;
  readonly during: Vitals;
  readonly after: Vitals;
  /** From the moment at which all left to the end of the provider's last connection. */
  readonly closedMs: number;
};

export const memory: Measure = async ({ upstream, isQuick }) => {
  const plan = isQuick ? { wanted: 1000, afterwardsMs: 0 } : { wanted: 10_000, afterwardsMs: 15_000 };
  const plain = await fill(upstream, plan, {});
  const imaged = hasLibrary(ofImage.LD_PRELOAD) ? await fill(upstream, plan, ofImage) : undefined;
  const { streams, before, during, after, closedMs } = plain;
  const kilobytes = (bytes: number) => once(bytes / streams / 1024);
  const given = ({ before, after }: Filled) => once(after.residentBytes / before.residentBytes);
  return {
    rows: [
      {
        what: `memory of a quiet stream, at ${show(streams)} of them`,
        unit: 'KB',
        goal: { atMost: 30 },
        sample: kilobytes(during.residentBytes - before.residentBytes),
      },
      { what: 'of it on the heap', unit: 'KB', sample: kilobytes(during.heapBytes - before.heapBytes) },
      {
        what: `memory ${plan.afterwardsMs / 1000} s after all have left, to before they came`,
        unit: 'times',
        goal: { atMost: 1.1 },
        sample: given(plain),
      },
      ...(imaged
        ? [
            {
              what: 'the same with the allocator of the image',
              unit: 'times',
              goal: { atMost: 1.1 },
              sample: given(imaged),
            },
          ]
        : []),
      {
        what: 'the same of the heap',
        unit: 'times',
        goal: { atMost: 1.1 },
        sample: once(after.heapBytes / before.heapBytes),
      },
      {
        what: "from all of them leaving at once to the end of the provider's last connection",
        unit: 'ms',
        sample: once(closedMs),
      },
    ],
  };
};

/** Whether programs of this system may be given it. */
function hasLibrary(name: string): boolean {
  return spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout?.includes(name) ?? false;
}

async function fill(
  upstream: Upstream,
  { wanted, afterwardsMs }: Plan,
  env: Readonly<Record<string, string>>,
): Promise<Filled> {
  await using gateway = await startParley(`${upstream.paced}/v1`, { nodeOptions: probed, env });
  const streams = Math.min(wanted, possible(gateway.pid));
  // What is compiled, cached and pooled once is no matter of the streams.
  await close(await openStreams(gateway, Math.ceil(streams / 10)), upstream.paced);
  const before = await gateway.vitals('collect');
  const connections = await openStreams(gateway, streams);
  const during = await gateway.vitals('collect');
  const closedMs = await close(connections, upstream.paced);
  await gateway.vitals('collect');
  await wait(afterwardsMs);
  return { streams, before, during, after: await gateway.vitals('collect'), closedMs };
}

/** A stream takes two descriptors of the gateway, and Node has raised its limit as far as the system lets it. */
function possible(pid: number): number {
  if (process.platform !== 'linux') return Infinity;
  const limit = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return Math.floor((Number(limit ?? Infinity) - 200) / 2);
}

/** So many at a time, and all of them have said something at the end. */
async function openStreams({ url }: Server, count: number): Promise<readonly Connection[]> {
  const request = toRequest(url, graphQL('stream', { content: 'quiet' }));
  const connections: Connection[] = [];
  let left = count;
  async function openSome(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const connection = await open(url);
      connections.push(connection);
      await new Promise<void>((resolve, reject) => {
        let wire = '';
        connection.socket.on('data', (piece: Buffer) => {
          // Heartbeats come later.
          if (wire.length < 10_000) wire += piece.toString('latin1');
          if (wire.includes('"text":"."')) resolve();
        });
        connection.socket.once('close', () => reject(new Error(`The stream closed after: ${wire}`)));
        connection.socket.write(request);
      });
    }
  }
  await Promise.all(Array.from({ length: 50 }, openSome));
  return connections;
}

/** Ends when the provider has nobody left, and gives how many milliseconds that took. */
async function close(connections: readonly Connection[], provider: string): Promise<number> {
  const started = performance.now();
  for (const { socket } of connections) socket.destroy();
  while ((await (await fetch(`${provider}/open`)).text()) !== '0') await wait(5);
  return performance.now() - started;
}
