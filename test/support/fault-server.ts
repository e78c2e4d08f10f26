import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { openAiAnswer, openAiStream } from './provider-server.ts';

/** A provider on bare TCP, for connection faults that HTTP servers cannot produce. It shares no code with the gateway. */

export type Step = { readonly write: string | Buffer } | { readonly waitMs: number } | 'reset' | 'close' | 'stall';
export type Fault = readonly Step[];

export type FaultRequest = {
  readonly model: string;
  /** The key of the request; empty without one. */
  readonly key: string;
  readonly isStream: boolean;
};

export type FaultServer = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  /** In order of arrival. */
  readonly requests: readonly FaultRequest[];
  /** All connections ever opened. */
  readonly connections: number;
  readonly open: ReadonlySet<Socket>;
  /** Resolves when no connection is open. */
  allClosed(): Promise<void>;
};

/** `onAccept` may end a connection before it is read. Default port: a free one. */
export async function startFaultServer(
  onRequest: (request: FaultRequest) => Fault,
  onAccept: (connection: number) => Fault | undefined = () => undefined,
  { host, port: wished } = { host: '127.0.0.1', port: 0 },
): Promise<FaultServer> {
  const requests: FaultRequest[] = [];
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      open.delete(socket);
      if (open.size === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    const atOnce = onAccept(connections);
    if (atOnce) return void perform(socket, atOnce);
    let read = '';
    socket.on('data', (piece) => {
      read += piece.toString('latin1');
      const request = parse(read);
      if (!request) return;
      read = '';
      requests.push(request);
      void perform(socket, onRequest(request));
    });
  });
  await new Promise<void>((resolve) => server.listen(wished, host, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    url: `http://${host}:${port}`,
    requests,
    get connections() {
      return connections;
    },
    open,
    allClosed: () => new Promise((resolve) => (open.size === 0 ? resolve() : waiting.push(resolve))),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** A complete request, or nothing yet. */
function parse(read: string): FaultRequest | undefined {
  const end = read.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = read.slice(0, end);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const body = read.slice(end + 4);
  if (body.length < length) return undefined;
  const { model, stream } = JSON.parse(body) as { model?: string; stream?: boolean };
  // Google has the model in the path, and whether it streams.
  const [, inPath, method] = /^POST \S*\/models\/([^:\s]+):(\w+)/.exec(head) ?? [];
  return {
    model: model ?? decodeURIComponent(inPath ?? ''),
    key: /^(?:authorization: Bearer|x-api-key:|x-goog-api-key:) ?(\S+)/im.exec(head)?.[1] ?? '',
    isStream: stream === true || method === 'streamGenerateContent',
  };
}

async function perform(socket: Socket, fault: Fault): Promise<void> {
  for (const step of fault) {
    if (socket.destroyed) return;
    if (step === 'reset') socket.resetAndDestroy();
    else if (step === 'close') socket.end();
    else if (step === 'stall') return;
    else if ('write' in step) socket.write(step.write);
    else await pause(socket, step.waitMs);
  }
}

/** Ends early with the connection, so that no timer outlives it. */
function pause(socket: Socket, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      socket.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    socket.once('close', end);
  });
}

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 429: 'Too Many Requests', 529: 'Overloaded' };

function head(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${reasons[status] ?? 'Whatever'}\r\n${lines.join('')}\r\n`;
}

const eventStream = { 'content-type': 'text/event-stream' };

function whole(status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Fault {
  const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return [{ write: head(status, { ...length, ...headers }) }, { write: body }, 'close'];
}

const [firstEvents = ''] = openAiStream(['Hel', 'lo', '!']).split(/(?<="lo"}.*\n\n)/);

function answer({ isStream }: FaultRequest): Fault {
  if (!isStream) return whole(200, JSON.stringify(openAiAnswer('Hello!')));
  return [{ write: head(200, eventStream) }, { write: openAiStream(['Hel', 'lo', '!']) }, 'close'];
}

/** Named behaviours of a provider. Bodies are in OpenAI's form. */
export const faults = {
  answer,
  reset: () => ['reset'],
  close: () => ['close'],
  'no head': () => ['stall'],
  'late head': (request) => [{ waitMs: 3000 }, ...answer(request)],
  'head byte by byte': () => [...head(200, eventStream)].flatMap((write): Step[] => [{ write }, { waitMs: 100 }]),
  'no HTTP': () => [{ write: 'SSH-2.0-OpenSSH_9.2\r\n' }, 'close'],
  'no content': () => [{ write: head(200, eventStream) }, 'stall'],
  'only pings': () => [
    { write: head(200, eventStream) },
    ...Array.from({ length: 200 }, (): Step[] => [{ write: ': ping\n\n' }, { waitMs: 20 }]).flat(),
  ],
  'error event first': () => [
    { write: head(200, eventStream) },
    { write: 'data: {"error":{"message":"The engine is overloaded","code":503}}\n\n' },
    'close',
  ],
  'stall after two pieces': () => [{ write: head(200, eventStream) }, { write: firstEvents }, 'stall'],
  'reset after two pieces': () => [
    { write: head(200, { ...eventStream, 'transfer-encoding': 'chunked' }) },
    { write: `${Buffer.byteLength(firstEvents).toString(16)}\r\n${firstEvents}\r\n` },
    { waitMs: 30 },
    'reset',
  ],
  'end after two pieces': () => [{ write: head(200, eventStream) }, { write: firstEvents }, 'close'],
  'error event after two pieces': () => [
    { write: head(200, eventStream) },
    { write: firstEvents },
    { write: 'data: {"error":{"message":"Something broke","code":500}}\n\n' },
    'close',
  ],
  'whole answer cut short': () => [
    { write: head(200, { 'content-type': 'application/json', 'content-length': '5000' }) },
    { write: '{"id":"x","choices":[' },
    'close',
  ],
  'cut gzip': ({ isStream }) => {
    const body = gzipSync(isStream ? openAiStream(['Hello!']) : JSON.stringify(openAiAnswer('Hello!')));
    return [
      { write: head(200, { ...(isStream ? eventStream : {}), 'content-encoding': 'gzip' }) },
      { write: body.subarray(0, body.length / 2) },
      'close',
    ];
  },
  'status 400': () => whole(400, '{"error":{"message":"No such field"}}'),
  'status 401': () => whole(401, '{"error":{"message":"Incorrect API key"}}'),
  'status 429': () => whole(429, '{"error":{"message":"Slow down"}}', { 'retry-after': '30' }),
  'status 429 for a moment': () => whole(429, '{"error":{"message":"Slow down"}}', { 'retry-after-ms': '50' }),
  'status 500': () => whole(500, '{"error":{"message":"Oops"}}'),
  'status 529': () => whole(529, '{"error":{"message":"Overloaded","type":"overloaded_error"}}'),
} as const satisfies Record<string, (request: FaultRequest) => Fault>;

export type FaultName = keyof typeof faults;
