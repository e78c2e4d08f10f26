import type { RequestListener } from 'node:http';
import type { WebSockets } from './web-sockets.ts';

/** What answers the requests of a server. */
export type Listener = {
  readonly app: RequestListener;
  readonly webSockets: WebSockets;
  /** Ends what is kept open for requests to come. */
  readonly drainFaces: () => void;
};

export type HotSwapListener = {
  readonly app: RequestListener;
  readonly onUpgrade: WebSockets['onUpgrade'];
  /**
   * Sends requests to another listener from now on. Resolves when the previous one has answered its last, and its WebSocket
   * connections are closed: each is asked to connect anew when nothing runs on it.
   */
  replace(next: Listener): Promise<void>;
  /** Closes connections that are kept open for requests to come as soon as nothing runs on them. Resolves when there are none left. */
  drain(): Promise<void>;
  stopSockets(graceMs: number): Promise<void>;
};

/** A listener that can be replaced while it answers: each request stays with the one that accepted it. */
export function createHotSwapListener(first: Listener): HotSwapListener {
  let current = { ...first, requests: countRequests(first.app) };
  const all = new Set([current]);
  return {
    app: (request, response) => current.requests.take(request, response),
    onUpgrade: (request, socket, head) => current.webSockets.onUpgrade(request, socket, head),
    async replace(next) {
      const earlier = current;
      current = { ...next, requests: countRequests(next.app) };
      all.add(current);
      earlier.drainFaces();
      await Promise.all([earlier.requests.end(), earlier.webSockets.drain()]);
      all.delete(earlier);
    },
    async drain() {
      for (const { drainFaces } of all) drainFaces();
      await Promise.all([...all].map(({ webSockets }) => webSockets.drain()));
    },
    stopSockets: async (graceMs) =>
      void (await Promise.all([...all].map(({ webSockets }) => webSockets.stop(graceMs)))),
  };
}

function countRequests(app: RequestListener) {
  const ended = Promise.withResolvers<void>();
  let open = 0;
  let isLast = false;

  function look(): void {
    if (isLast && open === 0) ended.resolve();
  }

  return {
    take(...[request, response]: Parameters<RequestListener>): void {
      open += 1;
      response.once('close', () => {
        open -= 1;
        look();
      });
      app(request, response);
    },
    end(): Promise<void> {
      isLast = true;
      look();
      return ended.promise;
    },
  };
}
