import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { sendNodeResponse } from '@whatwg-node/server';
import { anonymous } from '../core/caller.ts';
import type { Log } from '../core/ports.ts';
import type { GraphQLRequest } from '../graphql/handler.ts';
import { toRefusalBody } from '../rest/errors.ts';
import { isRestPath } from '../rest/handler.ts';
import type { RestHandler } from '../rest/route.ts';
import { BodyTooLarge, readBody } from './body.ts';
import { isAllowedHost } from './hosts.ts';

export type AppOptions = {
  readonly graphql: (request: GraphQLRequest) => Promise<Response>;
  readonly rest: RestHandler;
  readonly host: string;
  readonly loopbackOnly: boolean;
  readonly graphiql: boolean;
  readonly maxBodyBytes: number;
  readonly isReady: () => boolean;
  readonly log: Log;
};

/** A refusal of the door itself, told in the form of the face that was asked for. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The outer listener: every request passes here before a face sees it, and nothing it throws leaves but as a sentence. */
export function createApp(options: AppOptions): RequestListener {
  return (request, response) => {
    answer(request, response, options).catch((thrown: unknown) => {
      if (response.headersSent || response.destroyed) {
        // Asked before the response takes the socket along: whoever left is no news.
        if (!request.socket.destroyed) options.log.error({ err: thrown }, 'A response broke off');
        response.destroy();
      } else if (thrown instanceof Refusal) {
        refuse(request, response, thrown);
      } else {
        options.log.error({ err: thrown }, 'A request failed for a defect of the gateway');
        refuse(request, response, new Refusal(500, 'INTERNAL', 'The gateway failed to handle this request.'));
      }
    });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AppOptions): Promise<void> {
  const { method = 'GET', url: target = '/' } = request;
  const [host, secondHost] = request.headersDistinct['host'] ?? [];
  if (secondHost !== undefined || !isAllowedHost(host, options.host, options.loopbackOnly)) {
    throw new Refusal(400, 'BAD_HOST', 'This server does not answer to the host in the Host header.');
  }
  if (!target.startsWith('/')) throw new Refusal(400, 'BAD_REQUEST', 'Expected a path.');
  const path = pathOf(target);
  switch (path) {
    case '/healthz':
      return sendJson(response, 200, { status: 'ok' });
    case '/readyz':
      return options.isReady()
        ? sendJson(response, 200, { status: 'ready' })
        : sendJson(response, 503, { status: 'stopping' });
    case '/':
      if (!options.graphiql) break;
      response.writeHead(302, { location: '/graphql' }).end();
      return;
    case '/graphql':
      return answerGraphQL(request, response, options, method, `http://${host}${target}`);
  }
  if (isRestPath(path)) return answerRest(request, response, options, method, path);
  throw new Refusal(
    404,
    'NOT_FOUND',
    "There is nothing here. The GraphQL endpoint is /graphql; OpenAI's paths are under /v1.",
  );
}

async function answerGraphQL(
  request: IncomingMessage,
  response: ServerResponse,
  { graphql, graphiql, maxBodyBytes }: AppOptions,
  method: string,
  url: string,
): Promise<void> {
  const wantsPage = method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (method !== 'POST' && !(wantsPage && graphiql)) {
    // Answers are paid for: no link, image or form of another site may ask for one.
    response.setHeader('allow', 'POST');
    throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'Send GraphQL requests by POST.');
  }
  if (method === 'POST') requireJson(request);
  const leaving = leavingSignal(response);
  const body = method === 'POST' ? await readLimited(request, maxBodyBytes) : '';
  const answered = await graphql({ method, url, headers: request.headers, body, caller: anonymous, signal: leaving });
  await sendNodeResponse(answered, response, request, true);
}

async function answerRest(
  request: IncomingMessage,
  response: ServerResponse,
  { rest, maxBodyBytes }: AppOptions,
  method: string,
  path: string,
): Promise<void> {
  if (method === 'POST') requireJson(request);
  const leaving = leavingSignal(response);
  const body = method === 'POST' ? await readLimited(request, maxBodyBytes) : '';
  await rest({ method, path, body, caller: anonymous, signal: leaving }, response);
}

function requireJson(request: IncomingMessage): void {
  if (/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return;
  throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send requests as application/json.');
}

function pathOf(target: string): string {
  const [path = '/'] = target.split('?', 1);
  return path;
}

/** Fires when the caller leaves before the response is complete. The one signal that everything downstream hangs on. */
function leavingSignal(response: ServerResponse): AbortSignal {
  const leaving = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort();
  });
  return leaving.signal;
}

async function readLimited(request: IncomingMessage, maxBytes: number): Promise<string> {
  try {
    return await readBody(request, maxBytes);
  } catch (thrown) {
    if (!(thrown instanceof BodyTooLarge)) throw thrown;
    throw new Refusal(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes (server.maxBodyBytes).`);
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, code, message }: Refusal): void {
  // What is left of a body that nobody will read ends with its connection.
  if (!request.complete) response.setHeader('connection', 'close');
  const isRest = isRestPath(pathOf(request.url ?? '/'));
  sendJson(
    response,
    status,
    isRest ? toRefusalBody(status, code, message) : { errors: [{ message, extensions: { code } }] },
  );
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
