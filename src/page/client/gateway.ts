import { createClient, NetworkError } from 'graphql-sse';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** Why there is no result at all. */
export type Problem = { readonly code: string | undefined; readonly message: string };

/** The standard client on the public endpoint. Its own reconnect is off: it would begin the answer anew. */
const client = createClient({
  url: '/graphql',
  retryAttempts: 0,
  headers: (): Record<string, string> => (state.key ? { authorization: `Bearer ${state.key}` } : {}),
});

export type Watcher<Data> = {
  next(data: Data): void;
  /** Called once, also after success. */
  end(problem: Problem | undefined): void;
};

/** Runs an operation of any kind. Returns the function that stops it, and the model with it. */
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

/** The single result of a query. Undefined without one: then the key is asked for, or the next attempt may succeed. */
export function ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data | undefined> {
  return new Promise((resolve) => {
    watch<Data>(query, variables, { next: resolve, end: () => resolve(undefined) });
  });
}

async function toProblem(thrown: unknown): Promise<Problem> {
  const response = thrown instanceof NetworkError ? thrown.response : undefined;
  // The client's declaration leaves the response's type open; in a browser it is that of fetch.
  if (!(response instanceof Response)) return { code: undefined, message: words.noConnection };
  const error = toError(await response.text().catch(() => ''));
  if (response.status === 401) change({ isKeyWanted: true, keyProblem: state.key ? words.keyWrong : words.keyWanted });
  if (response.status === 403) change({ isKeyWanted: true, keyProblem: error?.message ?? words.keyWrong });
  return { code: error?.extensions?.code ?? `HTTP ${response.status}`, message: error?.message ?? response.statusText };
}

/** The error of a refused request: as JSON, or as the first event of a stream where one was asked for. */
function toError(body: string): { message?: string; extensions?: { code?: string } } | undefined {
  const json = /^(?:data: )?(\{"errors".*)$/m.exec(body)?.[1];
  try {
    return json === undefined ? undefined : JSON.parse(json).errors[0];
  } catch {
    return undefined;
  }
}
