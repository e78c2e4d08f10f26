import type { TypedDocument } from './documents.ts';
import { ChatError, networkError } from './errors.ts';

/** Operations over HTTP: one response, or server-sent events as the GraphQL over SSE protocol has them. */

export type Headers = Readonly<Record<string, string>>;

export type TransportOptions = {
  /** The gateway's GraphQL endpoint: "https://parley.example/graphql", or "/graphql" in a page of the same origin. */
  readonly url: string;
  /** Headers of each request, or a function that returns them: `{ authorization: 'Bearer …' }`. Default: none. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
  /** Replaces the global `fetch`, such as `expo/fetch` in React Native, which streams. */
  readonly fetch?: typeof fetch;
  /** `documentIds` of parley-client/document-ids: sends the ids of known documents instead of documents. Default: documents. */
  readonly documentIds?: Readonly<Record<string, string>>;
  /** A stream without a byte for so long is lost; the gateway sends a heartbeat every 12 s (`server.heartbeatMs`). Default: 45,000 ms. */
  readonly silenceMs?: number;
};

type Result<Data> = {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
};

async function post(
  { url, headers, fetch: send = fetch, documentIds }: TransportOptions,
  query: string,
  variables: unknown,
  accept: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const documentId = documentIds?.[query];
  const own = typeof headers === 'function' ? await headers() : headers;
  try {
    return await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...own },
      body: JSON.stringify(documentId ? { documentId, variables } : { query, variables }),
      ...(signal && { signal }),
    });
  } catch (thrown) {
    throw toFailure(thrown, signal);
  }
}

function toFailure(thrown: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  return thrown instanceof ChatError ? thrown : networkError(String(thrown));
}

function dataOf<Data>({ data, errors }: Result<Data>, status: number): Data {
  const [error] = errors ?? [];
  if (!error && data) return data;
  const { code = `HTTP_${status}`, ...details } = error?.extensions ?? {};
  throw new ChatError(String(code), error?.message ?? `No result (HTTP ${status}).`, {
    // A proxy in front of a gateway that restarts.
    retryable: status > 501,
    ...details,
  });
}

/** The result in a body: JSON, or the first event of a stream. */
function parse<Data>(body: string): Result<Data> {
  try {
    return JSON.parse(/^data: (\{.*)$/m.exec(body)?.[1] ?? body);
  } catch {
    return {};
  }
}

/** Runs a query or a mutation. Throws a ChatError where it has errors, and the signal's reason where that aborts. */
export async function execute<Data, Variables>(
  options: TransportOptions,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const response = await post(options, document, variables, 'application/graphql-response+json', signal);
  try {
    return dataOf(parse<Data>(await response.text()), response.status);
  } catch (thrown) {
    throw toFailure(thrown, signal);
  }
}

/** Runs a subscription over one connection. Ends without a word where the connection does; the caller knows the last event. */
export async function* subscribe<Data, Variables>(
  options: TransportOptions,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  signal: AbortSignal,
): AsyncGenerator<Data, void, undefined> {
  const { silenceMs = 45_000 } = options;
  const connection = new AbortController();
  const either = AbortSignal.any([signal, connection.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => connection.abort(networkError('The gateway is silent.')), silenceMs);
  };
  try {
    listen();
    const response = await post(options, document, variables, 'text/event-stream', either);
    if (!response.headers.get('content-type')?.includes('event-stream')) {
      dataOf(parse(await response.text()), response.status);
    }
    const decoder = new TextDecoder();
    let text = '';
    const reader = response.body?.getReader();
    for (;;) {
      // Without a readable body (old React Native) all events come at the end.
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      listen();
      text += reader ? decoder.decode(value, { stream: !done }) : await response.text();
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        if (/^event: complete$/m.test(event)) return;
        const data = /^data: (.+)$/m.exec(event)?.[1];
        if (data) yield dataOf<Data>(JSON.parse(data), response.status);
      }
      if (done) return;
    }
  } catch (thrown) {
    throw toFailure(thrown, either);
  } finally {
    clearTimeout(timer);
    connection.abort();
  }
}
