import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Listening = {
  readonly url: string;
  /**
   * Whoever asks from now on is answered, but its connection closes with that. Settles when no answer is under way; a
   * request that has not come whole is not waited for.
   */
  drain(): Promise<void>;
  /** Takes no new connections, and waits so long for running answers before it cuts them. */
  stop(graceMs: number): Promise<void>;
};

/** How long a sender may take, in milliseconds: for the headers, for all of the request, and how often that is looked at. */
const requestTimeouts = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

const sweepMs = 50;

/** Opens the port. Slow senders of headers and bodies are cut; streams, once answered, may take as long as they like. */
export async function listen(
  app: RequestListener,
  host: string,
  port: number,
  timeouts = requestTimeouts,
): Promise<Listening> {
  const server = createServer({ ...timeouts, noDelay: true });
  const responses = trackResponses();
  server.on('request', (request, response) => {
    responses.add(response);
    app(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: bound, family, address } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return { url: `http://${name}:${bound}`, drain: responses.drain, stop: (graceMs) => stop(server, graceMs) };
}

/** The answers that are under way. */
function trackResponses() {
  const open = new Set<ServerResponse>();
  const drained = Promise.withResolvers<void>();
  let isDraining = false;

  function look(): void {
    if (isDraining && ![...open].some(({ req }) => req.complete)) drained.resolve();
  }

  return {
    add(response: ServerResponse): void {
      if (isDraining) response.setHeader('connection', 'close');
      open.add(response);
      response.on('close', () => {
        open.delete(response);
        look();
      });
    },
    drain(): Promise<void> {
      isDraining = true;
      look();
      return drained.promise;
    },
  };
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    // Connections whose last answer began before anybody thought of an end stay open after it, idle.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
