import { createClient, NetworkError } from 'graphql-sse';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** Why there is no result at all. */
export type Problem = { readonly code: string | undefined; readonly message: string };

/**
 * The standard client, on the public endpoint. It would ask again by itself after a dropped connection: a page that
 * compares wants to know of it instead.
 */
const client = createClient({
  url: '/graphql',
  retryAttempts: 0,
  headers: (): Record<string, string> => (state.key ? { authorization: `Bearer ${state.key}` } : {}),
});

export type Watcher<Data> = {
  next(data: Data): void;
  /** Called once, also after everything went well. */
  end(problem: Problem | undefined): void;
};

/** Runs an operation of any kind. Gives the function that stops it, and with it the model. */
export function watch<Data>(query: string, variables: Record<string, unknown>, watcher: Watcher<Data>): () => void {
  return client.subscribe<Data>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        const [error] = errors ?? [];
        if (error) watcher.end({ code: String(error.extensions?.['code'] ?? ''), message: error.message });
        else if (data) watcher.next(data);
      },
      error: (thrown) => void toProblem(thrown).then(watcher.end),
      complete: () => watcher.end(undefined),
    },
  );
}

/** The one result of a query. Undefined where there is none: then the key is asked for, or the next try may do better. */
export function ask<Data>(query: string): Promise<Data | undefined> {
  return new Promise((resolve) => {
    watch<Data>(query, {}, { next: resolve, end: () => resolve(undefined) });
  });
}

async function toProblem(thrown: unknown): Promise<Problem> {
  const response = thrown instanceof NetworkError ? thrown.response : undefined;
  // The client's declaration leaves open what a response is; in a browser it is that of fetch.
  if (!(response instanceof Response)) return { code: undefined, message: words.noConnection };
  if (response.status === 401) change({ isKeyWanted: true });
  const body = await response.json().catch(() => undefined);
  const [error] = body?.errors ?? [];
  return { code: error?.extensions?.code ?? `HTTP ${response.status}`, message: error?.message ?? response.statusText };
}
