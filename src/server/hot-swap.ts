import type { RequestListener } from 'node:http';

export type HotSwapListener = {
  readonly app: RequestListener;
  /** Sends requests to another listener from now on. Resolves when the previous one has answered its last. */
  replace(next: RequestListener): Promise<void>;
};

/** A listener that can be replaced while it answers: each request stays with the one that accepted it. */
export function createHotSwapListener(first: RequestListener): HotSwapListener {
  let current = countRequests(first);
  return {
    app: (request, response) => current.take(request, response),
    replace(next) {
      const earlier = current;
      current = countRequests(next);
      return earlier.end();
    },
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
