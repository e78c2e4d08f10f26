import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export type Listening = {
  readonly url: string;
  /** Closes the connections that no request uses. */
  closeIdle(): void;
  /**
   * New requests are answered, but their connections close afterwards. Resolves when no response is running; a request
   * that has not arrived completely is not waited for.
   */
  drain(): Promise<void>;
  /** Accepts no new connections, and closes running ones after the grace period. */
  stop(graceMs: number): Promise<void>;
};

/** Timeouts for slow clients in milliseconds: headers, whole request, and how often that is checked. */
export const requestTimeouts = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

export type ListenOptions = typeof requestTimeouts & {
  /** How long an idle connection stays open, in milliseconds. */
  readonly keepAliveMs?: number;
  /** Handles requests for a WebSocket. Without it they are handled as any other request. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** Longer than proxies in front keep theirs (60 s): one that closes first loses no request. */
export const defaultKeepAliveMs = 75_000;

const sweepMs = 50;

/** Opens the port. Slow senders of headers and bodies are cut off; responses may take as long as they like. */
export async function listen(
  app: RequestListener,
  host: string,
  port: number,
  { keepAliveMs = defaultKeepAliveMs, onUpgrade, ...timeouts }: ListenOptions = requestTimeouts,
): Promise<Listening> {
  const server = createServer({
    ...{ ...timeouts, keepAliveTimeout: keepAliveMs, noDelay: true },
    // Others offer HTTP/2 with a request that wants its answer all the same.
    shouldUpgradeCallback: ({ headers }) => onUpgrade !== undefined && headers.upgrade?.toLowerCase() === 'websocket',
  });
  const responses = trackResponses();
  server.on('request', (request, response) => {
    responses.add(response);
    app(request, response);
  });
  if (onUpgrade) server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: bound, family, address } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${name}:${bound}`,
    closeIdle: () => server.closeIdleConnections(),
    drain: responses.drain,
    stop: (graceMs) => stop(server, graceMs),
  };
}

/** Tracks running responses. */
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
    // Connections whose last response began before the shutdown stay open and idle after it.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
