import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that breaks connections after a number of bytes of the response. */
export type CutProxy = AsyncDisposable & {
  readonly url: string;
  /** The next connections are cut after so many bytes of their responses. Infinity: not at all. */
  cutAfter(bytes: number): void;
  /** Breaks all connections. */
  cutNow(): void;
};

export async function startCutProxy(target: string): Promise<CutProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let limit = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let left = limit;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    }
    const cut = () => {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    client.pipe(upstream);
    client.once('close', () => upstream.destroy());
    upstream.on('data', (bytes: Buffer) => {
      if (bytes.length < left) {
        left -= bytes.length;
        client.write(bytes);
        return;
      }
      upstream.pause();
      if (left === 0) cut();
      else client.write(bytes.subarray(0, left), cut);
    });
    upstream.once('end', () => client.end());
    if (limit === 0) cut();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter(bytes) {
      limit = bytes;
    },
    cutNow() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
