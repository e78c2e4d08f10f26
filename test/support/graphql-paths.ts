import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anonymous } from '../../src/core/caller.ts';
import { createPaths } from '../../src/graphql/handler.ts';
import { openMemoryGateway, type Sent } from './memory-gateway.ts';
import type { RandomOperation } from './random-operation.ts';

/** Both paths of the GraphQL face over one in-memory gateway, each at a URL of its own. */
export type GraphQLPaths = AsyncDisposable & {
  /** The response of each path: status, the headers that the gateway sets, and the bytes of the body. */
  ask(
    operation: RandomOperation,
    accept: string,
  ): Promise<{ readonly fast: string | undefined; readonly yoga: string }>;
};

const compared = ['content-type', 'cache-control', 'x-accel-buffering'];

export async function openGraphQLPaths(): Promise<GraphQLPaths> {
  const { gateway, clock } = openMemoryGateway({
    answer: ({ model }: Sent) => (model === 'failing' ? { status: 400, body: '{"error":{"message":"No"}}' } : {}),
  });
  const { yogaPath, prepareFast } = createPaths({
    gateway,
    usage: { read: async () => ({ since: new Date(0), rows: [] }) },
    onRefused: () => {},
    limits: {
      maxPaidFields: 4,
      maxRootFields: 20,
      maxDepth: 12,
      maxComplexity: 20_000,
      maxBatch: 0,
      automaticPersistedQueries: false,
      federation: false,
    },
    introspection: false,
    manifest: new Map(),
    heartbeat: { clock, heartbeatMs: 60_000 },
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

  return {
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

/** Heartbeat comments differ in time between the paths. */
function withoutComments(text: string): string {
  return text.replace(/^:.*\n\n/gm, '');
}
