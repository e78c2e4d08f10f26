import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anonymous } from '../../src/core/caller.ts';
import { createPaths } from '../../src/graphql/handler.ts';
import { createConnectionBudget } from '../../src/http/connection-budget.ts';
import { openMemoryGateway, type Sent } from './memory-gateway.ts';
import type { RandomOperation } from './random-operation.ts';

/** Both paths of the GraphQL face over one in-memory gateway, each at a URL of its own, and its other transports. */
export type GraphQLPaths = AsyncDisposable & {
  /** The response of each path: status, the headers that the gateway sets, and the bytes of the body. */
  ask(
    operation: RandomOperation,
    accept: string,
  ): Promise<{ readonly fast: string | undefined; readonly yoga: string }>;
  /** The results of an operation as JSON texts, over each transport that carries several. */
  results(operation: RandomOperation): Promise<Readonly<Record<(typeof transports)[number], readonly string[]>>>;
};

const transports = ['yoga', 'batch', 'socket', 'single connection'] as const;

const compared = ['content-type', 'cache-control', 'x-accel-buffering'];

export async function openGraphQLPaths(): Promise<GraphQLPaths> {
  const { gateway, clock } = openMemoryGateway({
    answer: ({ model }: Sent) => (model === 'failing' ? { status: 400, body: '{"error":{"message":"No"}}' } : {}),
  });
  const { yogaPath, prepareFast, handleBatch, openSocket, singleConnections } = createPaths({
    gateway,
    usage: { read: async () => ({ since: new Date(0), rows: [] }) },
    onRefused: () => {},
    limits: {
      maxPaidFields: 4,
      maxRootFields: 20,
      maxDepth: 12,
      maxComplexity: 20_000,
      maxBatch: 1,
      automaticPersistedQueries: false,
      federation: false,
    },
    introspection: false,
    manifest: new Map(),
    heartbeat: { clock, heartbeatMs: 60_000 },
    connectionBudget: createConnectionBudget(100),
    reserveBody: () => () => {},
    log: { info() {}, warn() {}, error() {} },
  });
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const { method = 'POST', headers } = request;
      const asked = {
        method,
        url: 'http://127.0.0.1/graphql',
        headers,
        body,
        caller: anonymous,
        signal: new AbortController().signal,
        trace: {},
        work: { requestId: 'r-1', calls: 0, isAdmitted: false },
      };
      if (request.url?.startsWith('/single')) {
        const signal = disconnectSignal(response);
        return void singleConnections.handle({ ...asked, url: `http://127.0.0.1${request.url}`, signal }, response);
      }
      if (request.url === '/batch') return void handleBatch(asked, response);
      if (request.url === '/yoga') return void yogaPath.handle(asked, response);
      const run = prepareFast(asked);
      if (run) return void run(response);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function send(path: string, operation: RandomOperation, accept: string): Promise<string | undefined> {
    const headers = { 'content-type': 'application/json', accept };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(operation),
    });
    if (response.status === 204) return undefined;
    const head = compared.map((name) => `${name}: ${response.headers.get(name)}`);
    return [response.status, ...head, '', withoutComments(await response.text())].join('\n');
  }

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };

  async function overSingleConnection(operation: RandomOperation): Promise<readonly string[]> {
    const at = `http://127.0.0.1:${port}/single`;
    const token = await (await fetch(at, { method: 'PUT' })).text();
    const stream = await fetch(`${at}?token=${token}`);
    const extensions = { operationId: 'one' };
    const { status, text } = await post(`/single?token=${token}`, { ...operation, extensions });
    if (status !== 202) {
      await stream.body?.cancel();
      return [text];
    }
    let seen = '';
    for await (const piece of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      seen += piece;
      if (seen.includes('event: complete')) break;
    }
    return [...seen.matchAll(/^data: \{"id":"one","payload":(.*)\}$/gm)].map(([, json = '']) => json);
  }

  function overSocket(operation: RandomOperation): Promise<readonly string[]> {
    return new Promise((resolve) => {
      const results: string[] = [];
      // The order of members means nothing; each operation of a socket has a request id of its own.
      const errorsFirst = ({ errors, ...result }: Record<string, unknown>) =>
        JSON.stringify({ ...(errors !== undefined && { errors }), ...result }).replace(
          /"streamId":"[0-9a-f-]{36}"/,
          '"streamId":"r-1"',
        );
      let receive: (text: string) => Promise<void> = async () => {};
      openSocket({
        protocol: 'graphql-transport-ws',
        trace: {},
        identify: async () => anonymous,
        isDraining: () => false,
        checkWork() {},
        addWork() {},
        async send(text) {
          const { type, payload } = JSON.parse(text);
          if (type === 'connection_ack')
            void receive(JSON.stringify({ id: 'one', type: 'subscribe', payload: operation }));
          if (type === 'next') results.push(errorsFirst(payload));
          if (type === 'error') results.push(JSON.stringify({ errors: payload }));
          if (type === 'complete' || type === 'error') resolve(results);
        },
        close: (code, reason) => resolve([`${code} ${reason}`]),
        onMessage(handle) {
          receive = handle;
        },
        onClose() {},
      });
      void receive(JSON.stringify({ type: 'connection_init' }));
    });
  }

  return {
    async results(operation) {
      const isSubscription = operation.query.startsWith('subscription');
      const accept = isSubscription ? 'text/event-stream' : 'application/json';
      const yoga = resultsIn((await send('/yoga', operation, accept)) ?? '');
      return {
        yoga,
        batch: isSubscription ? yoga : [(await post('/batch', [operation])).text.slice(1, -1)],
        socket: await overSocket(operation),
        'single connection': await overSingleConnection(operation),
      };
    },
    async ask(operation, accept) {
      const fast = await send('/fast', operation, accept);
      return { fast, yoga: (await send('/yoga', operation, accept)) ?? '' };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The results in a response: a JSON body, or the data of its events. */
function resultsIn(response: string): readonly string[] {
  const body = response.slice(response.indexOf('\n\n') + 2);
  if (body.startsWith('{')) return [body];
  return [...body.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => json);
}

function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

/** Heartbeat comments differ in time between the paths. */
function withoutComments(text: string): string {
  return text.replace(/^:.*\n\n/gm, '');
}
