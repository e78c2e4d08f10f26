import { once } from 'node:events';
import { type FaultName, type FaultRequest, faults, startFaultServer } from '../support/fault-server.ts';
import { localProvider } from '../support/gateway.ts';
import { type GatewayProcess, order, startGateway } from '../support/gateway-process.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openSocket, rawExchange } from '../support/raw-http.ts';
import type { Holdings } from '../support/scripted-provider.ts';
import { seededChance } from '../support/seeded-chance.ts';

export type SoakOptions = {
  readonly ms: number;
  readonly seed: number;
  /** Concurrent callers. */
  readonly callers: number;
  /** Whether the configuration is read again every five seconds (SIGHUP). */
  readonly reload: boolean;
};

export type Soaked = {
  readonly calls: number;
  readonly left: number;
  readonly stalled: number;
  /** What the process held after its warm-up, and at the end without any caller. */
  readonly before: Holdings;
  readonly after: Holdings;
  /** Ten readings on the way, each after a garbage collection. */
  readonly heapBytes: readonly number[];
  /** Calls with a log line. */
  readonly ended: number;
  readonly open: number;
  /** Connections that providers saw, and those that were never closed. */
  readonly connections: number;
  readonly upstreamsLeft: number;
  readonly isAlive: boolean;
  /** Lines of the log about defects. */
  readonly defects: readonly string[];
};

const settings = `timeouts: { connectMs: 1000, headersMs: 500, responseMs: 1500, firstContentMs: 1000, idleMs: 400, keepAliveOnlyMs: 1000, totalMs: 4000 }
server: { writeTimeoutMs: 1000 }
connections: { keepAliveMs: 500 }
`;

const names = Object.keys(faults) as FaultName[];
/** Text that fills every buffer on its way. */
const flood = Buffer.from(
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'x'.repeat(4_000) } }] })}\n\n`.repeat(
    2_000,
  ),
);
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';

function answerTo(request: FaultRequest) {
  const name = names.find((known) => toModel(known) === request.model);
  if (name) return faults[name](request);
  return [{ write: streamHead }, { write: flood }, 'stall'] as const;
}

const toModel = (name: string) => name.replaceAll(' ', '-');

/** Callers of every kind, which stay, disconnect or stop reading, at a provider with every fault; and what is left afterwards. */
export async function soak({ ms, seed, callers, reload }: SoakOptions): Promise<Soaked> {
  const provider = await startFaultServer(answerTo);
  const gateway = await startGateway({
    yaml: localProvider(provider.url, settings),
    env: { LOG_LEVEL: 'error' },
    isPuppet: true,
  });
  const greeting = gateway.output().length;
  const chance = seededChance(seed);
  const counts = { calls: 0, left: 0, stalled: 0 };
  const run = async (untilMs: number) => {
    const work = async () => {
      while (performance.now() < untilMs) await call(gateway.url, chance, counts);
    };
    await Promise.all(Array.from({ length: callers }, work));
  };

  await run(performance.now() + Math.max(3_000, ms / 10));
  const before = await settled(gateway, provider.allClosed);
  const reloading = reload ? setInterval(() => gateway.child.kill('SIGHUP'), 5_000) : undefined;
  const heapBytes: number[] = [];
  const running = run(performance.now() + ms);
  for (let sample = 0; sample < 10; sample++) {
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, ms / 10))]);
    heapBytes.push((await order(gateway, { type: 'look' })).heapBytes);
  }
  await running;
  clearInterval(reloading);
  const after = await settled(gateway, provider.allClosed);

  const isAlive = gateway.child.exitCode === null;
  const metrics = await readMetrics(gateway);
  const upstreamsLeft = provider.open.size;
  await gateway.stop();
  await provider[Symbol.asyncDispose]();
  const said = gateway.output().slice(greeting);
  return {
    ...counts,
    heapBytes,
    before,
    after,
    ended: sumOf(metrics, 'gen_ai_server_request_duration_seconds_count'),
    open: sumOf(metrics, 'parley_active_requests') + sumOf(metrics, 'parley_open_streams'),
    connections: provider.connections,
    upstreamsLeft,
    isAlive,
    defects: said.split('\n').filter((line) => line !== ''),
  };
}

type Counts = { calls: number; left: number; stalled: number };

async function call(url: string, chance: () => number, counts: Counts): Promise<void> {
  const pick = <T>(list: readonly T[]) => list[Math.floor(chance() * list.length)];
  const model = chance() < 0.5 ? 'answer' : toModel(pick([...names, 'flood']) ?? 'answer');
  const how = pick(['stays', 'stays', 'stays', 'leaves', 'stalls'] as const);
  const patienceMs = chance() * 400;
  const isStream = chance() < 0.7;
  const socket = openSocket(url);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  socket.write(toRequest(model, chance() < 0.5, isStream));
  counts.calls += 1;
  // A client that reads a flood would read it for as long as a call may last.
  if (how === 'stays' && model !== 'flood') {
    socket.resume();
    return await closed;
  }
  if (how === 'stalls') {
    counts.stalled += 1;
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, patienceMs * 4));
  } else {
    counts.left += 1;
    socket.resume();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
  }
  socket.destroy();
  await closed;
}

function toRequest(model: string, isGraphQL: boolean, isStream: boolean): string {
  const input = { model: `local/${model}`, messages: [{ role: 'USER', content: 'Hello' }] };
  const body = JSON.stringify(
    isGraphQL
      ? { query: isStream ? wholeStream : wholeChat, variables: { input } }
      : { ...input, messages: [{ role: 'user', content: 'Hello' }], stream: isStream },
  );
  const head = [
    `POST ${isGraphQL ? '/graphql' : '/v1/chat/completions'} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    'Content-Type: application/json',
    `Accept: ${isStream ? 'text/event-stream' : 'application/json'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Longer than any limit that is set here. */
const settlingMs = 15_000;

/** After the last call: what is held once all provider connections have ended. */
async function settled(gateway: GatewayProcess, allClosed: () => Promise<void>): Promise<Holdings> {
  const until = performance.now() + settlingMs;
  await Promise.race([allClosed(), new Promise((resolve) => setTimeout(resolve, settlingMs))]);
  for (;;) {
    const held = await order(gateway, { type: 'look' });
    const { TCPSocketWrap: sockets = 0, Timeout: timers = 0 } = held.resources;
    if ((sockets === 0 && timers === 0) || performance.now() > until) return held;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function readMetrics({ url }: GatewayProcess): Promise<string> {
  return rawExchange(url, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
}

function sumOf(metrics: string, name: string): number {
  const rows = metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'gm'));
  return [...rows].reduce((sum, [, value]) => sum + Number(value), 0);
}
