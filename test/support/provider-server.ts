import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A plain HTTP server in place of a provider. It shares no code with the gateway. */
export type ProviderServer = AsyncDisposable & {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Sockets that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** Resolves when the given total of requests has arrived. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
};

export type ReceivedRequest = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** The body as it was sent. */
  readonly text: string;
  /** Distinguishes connections. */
  readonly port: number | undefined;
  /** Resolves with the time at which the connection of this request closes. */
  readonly closed: Promise<number>;
};

export type Handler = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

export async function startProvider(handler: Handler): Promise<ProviderServer> {
  const requests: ReceivedRequest[] = [];
  const open = new Set<Socket>();
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async (incoming, response) => {
    const { promise: closed, resolve } = Promise.withResolvers<number>();
    response.once('close', () => resolve(performance.now()));
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: JSON.parse(text || '{}'),
      text,
      port: incoming.socket.remotePort,
      closed,
    };
    requests.push(request);
    for (const waiter of waiting) if (requests.length >= waiter.count) waiter.resolve();
    await handler(request, response);
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    open,
    received: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function sendStream(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** The events of a short answer in OpenAI's form, including the end marker. */
export function openAiStream(pieces: readonly string[]): string {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-t', object: 'chat.completion.chunk', created: 1760000000, model: 'test', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...pieces.map((content) => chunk({ content }, null)),
    chunk({}, 'stop'),
    'data: {"id":"chatcmpl-t","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}\n\n',
    'data: [DONE]\n\n',
  ].join('');
}

export function openAiAnswer(content: string): object {
  return {
    id: 'chatcmpl-t',
    object: 'chat.completion',
    created: 1760000000,
    model: 'test',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  };
}
