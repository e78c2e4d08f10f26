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
 * Memory of a stream while its model is silent, and whether it is released: with the system's allocator, and with that of the
 * image (deploy/Dockerfile) where it is installed. Read after a garbage collection, from the process itself; kernel buffers are
 * not included.
 */

const ofImage = { LD_PRELOAD: 'libjemalloc.so.2' };

type Plan = {
  readonly wanted: number;
  /** Time between the last stream and the second reading. An allocator may keep unused memory for ten seconds. */
  readonly afterwardsMs: number;
};

type Filled = {
  readonly streams: number;
  readonly before: Vitals;
  readonly during: Vitals;
  readonly after: Vitals;
  /** From the disconnect of all clients to the end of the provider's last connection. */
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

/** Whether the allocator can be preloaded on this system. */
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
  // Excludes what is compiled, cached and pooled once.
  await close(await openStreams(gateway, Math.ceil(streams / 10)), upstream.paced);
  const before = await gateway.vitals('collect');
  const connections = await openStreams(gateway, streams);
  const during = await gateway.vitals('collect');
  const closedMs = await close(connections, upstream.paced);
  await gateway.vitals('collect');
  await wait(afterwardsMs);
  return { streams, before, during, after: await gateway.vitals('collect'), closedMs };
}

/** A stream takes two descriptors of the gateway. Node has raised its limit as far as the system allows. */
function possible(pid: number): number {
  if (process.platform !== 'linux') return Infinity;
  const limit = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return Math.floor((Number(limit ?? Infinity) - 200) / 2);
}

/** Opens the given number at a time; resolves when each has received its first content. */
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
          // Before the first heartbeat.
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

/** Resolves when the provider has no open connection, with the milliseconds that it took. */
async function close(connections: readonly Connection[], provider: string): Promise<number> {
  const started = performance.now();
  for (const { socket } of connections) socket.destroy();
  while ((await (await fetch(`${provider}/open`)).text()) !== '0') await wait(5);
  return performance.now() - started;
}
