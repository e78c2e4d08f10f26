import { once } from 'node:events';
import { localProvider } from '../support/gateway.ts';
import { order, startGateway } from '../support/gateway-process.ts';
import { wholeStream } from '../support/graphql-client.ts';
import { openSocket } from '../support/raw-http.ts';
import { startEndlessProvider } from './endless-provider.ts';

export type SlowReaderOptions = {
  readonly readers: number;
  /** How long the clients wait, and the gateway's write timeout. */
  readonly heldMs: number;
  readonly limitMs: number;
};

export type SlowReadersSeen = {
  /** Memory of the process in bytes: before, six times while all are stalled, and at the end. */
  readonly rss: { readonly before: number; readonly stalled: readonly number[]; readonly after: number };
  readonly perReaderBytes: number;
  /** Growth between the first and the last of those readings. */
  readonly growthBytes: number;
  /** Number of streams that were cut too early. */
  readonly cutEarly: number;
  /** Time from the stall of all to the end of the last of them and of its provider's connection. */
  readonly lastEndedMs: number;
  /** Connections that the gateway still held then. */
  readonly socketsLeft: number;
};

/** Clients that request an endless stream, half of them on each face, and stop reading after its first bytes. */
export async function stallReaders({ readers, heldMs, limitMs }: SlowReaderOptions): Promise<SlowReadersSeen> {
  const provider = await startEndlessProvider();
  const gateway = await startGateway({
    yaml: localProvider(provider.url, `server: { writeTimeoutMs: ${limitMs} }\n`),
    env: { LOG_LEVEL: 'warn' },
    isPuppet: true,
  });
  const rssBytes = async () => (await order(gateway, { type: 'look' })).rssBytes;
  const idle = await order(gateway, { type: 'look' });
  const sockets = Array.from({ length: readers }, (_, index) => {
    const socket = openSocket(gateway.url);
    socket.write(streamRequest(index % 2 === 0));
    return socket;
  });
  await Promise.all(
    sockets.map(async (socket) => {
      await once(socket, 'data');
      socket.pause();
    }),
  );
  const startedAt = performance.now();
  const stalled: number[] = [];
  const steps = 6;
  for (let step = 1; step <= steps; step++) {
    await until(startedAt + (heldMs * step) / steps);
    stalled.push(await rssBytes());
  }
  const cutEarly = readers - provider.open.size;
  // Stalled readers do not see their end; but a provider's connection ends with the reader that it was for.
  await Promise.all([...provider.open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  const lastEndedMs = performance.now() - startedAt;
  let after = await order(gateway, { type: 'look' });
  // The last of them may be about to close.
  for (let looks = 0; looks < 50 && after.resources['TCPSocketWrap']; looks++) {
    await until(performance.now() + 100);
    after = await order(gateway, { type: 'look' });
  }
  for (const socket of sockets) socket.destroy();
  await gateway.stop();
  await provider.close();
  return {
    rss: { before: idle.rssBytes, stalled, after: after.rssBytes },
    perReaderBytes: (Math.max(...stalled) - idle.rssBytes) / readers,
    growthBytes: (stalled.at(-1) ?? 0) - (stalled[0] ?? 0),
    cutEarly,
    lastEndedMs,
    socketsLeft: after.resources['TCPSocketWrap'] ?? 0,
  };
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

function streamRequest(isGraphQL: boolean): string {
  const input = { model: 'local/endless', messages: [{ role: 'USER', content: 'Hello' }] };
  const body = JSON.stringify(
    isGraphQL
      ? { query: wholeStream, variables: { input } }
      : { ...input, messages: [{ role: 'user', content: 'Hello' }], stream: true },
  );
  const path = isGraphQL ? '/graphql' : '/v1/chat/completions';
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
