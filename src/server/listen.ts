import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Listening = {
  readonly url: string;
  /** Takes no new connections, and waits so long for running answers before it cuts them. */
  stop(graceMs: number): Promise<void>;
};

/** How long a sender may take, in milliseconds: for the headers, for all of the request, and how often that is looked at. */
const senderPatience = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

/** Opens the port. Slow senders of headers and bodies are cut; streams, once answered, may take as long as they like. */
export async function listen(
  app: RequestListener,
  host: string,
  port: number,
  patience = senderPatience,
): Promise<Listening> {
  const server = createServer({ ...patience, noDelay: true }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: bound, family, address } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return { url: `http://${name}:${bound}`, stop: (graceMs) => stop(server, graceMs) };
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
