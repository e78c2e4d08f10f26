import type { RequestListener } from 'node:http';
import type { WebSockets } from './web-sockets.ts';

/** What answers the requests of a server. */
export type Listener = { readonly app: RequestListener; readonly webSockets: WebSockets };

export type HotSwapListener = {
  readonly app: RequestListener;
  readonly onUpgrade: WebSockets['onUpgrade'];
  /**
   * Sends requests to another listener from now on. Resolves when the previous one has answered its last, and its WebSocket
   * connections are closed: each is asked to connect anew when nothing runs on it.
   */
  replace(next: Listener): Promise<void>;
  /** Closes WebSocket connections as soon as nothing runs on them. Resolves when there are none left. */
  drainSockets(): Promise<void>;
  stopSockets(graceMs: number): Promise<void>;
};

/** A listener that can be replaced while it answers: each request stays with the one that accepted it. */
export function createHotSwapListener(first: Listener): HotSwapListener {
  let current = countRequests(first.app);
  const all = new Set([first.webSockets]);
  let sockets = first.webSockets;
  return {
    app: (request, response) => current.take(request, response),
    onUpgrade: (request, socket, head) => sockets.onUpgrade(request, socket, head),
    async replace(next) {
      const earlier = current;
      const earlierSockets = sockets;
      current = countRequests(next.app);
      sockets = next.webSockets;
      all.add(sockets);
      await Promise.all([earlier.end(), earlierSockets.drain()]);
      all.delete(earlierSockets);
    },
    drainSockets: async () => void (await Promise.all([...all].map((one) => one.drain()))),
    stopSockets: async (graceMs) => void (await Promise.all([...all].map((one) => one.stop(graceMs)))),
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
