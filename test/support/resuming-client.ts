import { request } from 'node:http';

/** A client that reads server-sent events as far as its connection lasts. */

export type SentEvent = { readonly id: string | undefined; readonly data: string };

export type Attempt = {
  readonly events: readonly SentEvent[];
  /** Whether the response came to its end. */
  readonly isComplete: boolean;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
};

export type Ask = {
  readonly url: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with each event; a client that returns false disconnects. */
  readonly onEvent?: (event: SentEvent) => boolean | undefined;
};

/** One connection, from the request to its end, whichever that is. Only whole events count, as in the specification. */
export function attempt({ url, path, method = 'POST', body, headers, onEvent }: Ask): Promise<Attempt> {
  return new Promise((resolve) => {
    const events: SentEvent[] = [];
    let text = '';
    let status: number | undefined;
    let received: Readonly<Record<string, unknown>> = {};
    const { hostname, port } = new URL(url);
    const asking = request({
      ...{ hostname, port, path, method, agent: false },
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    });
    const end = (isComplete: boolean) => resolve({ events, isComplete, status, headers: received });
    asking.on('error', () => end(false));
    asking.on('response', (response) => {
      status = response.statusCode;
      received = response.headers;
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
          const event = toEvent(text.slice(0, at));
          text = text.slice(at + 2);
          if (!event) continue;
          events.push(event);
          if (onEvent?.(event) === false) {
            asking.destroy();
            return;
          }
        }
      });
      response
        .on('end', () => end(true))
        .on('error', () => end(false))
        .on('close', () => end(false));
    });
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function toEvent(block: string): SentEvent | undefined {
  const lines = block.split('\n');
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field('data');
  return data === undefined ? undefined : { id: field('id'), data };
}
