import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type AbortSignalLike, LightAbortController } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Observer, TraceHeaders } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { GraphQLHandler } from '../graphql/handler.ts';
import { valuesOf } from '../http/headers.ts';
import { sendJson } from '../http/send-json.ts';
import type { PageHandler } from '../page/handler.ts';
import { isRestPath } from '../rest/handler.ts';
import type { RestHandler } from '../rest/route.ts';
import type { Authenticator } from './authenticate.ts';
import { BodyTooLarge, readBody } from './body.ts';
import { allowOrigin, answerPreflight, isPreflight } from './cors.ts';
import { type HostRules, isAllowedHost } from './host-check.ts';
import { HttpError, sendHttpError } from './http-error.ts';
import { isTooDeep } from './json-depth.ts';
import { type MetricsText, sendMetrics } from './metrics.ts';

export type AppOptions = {
  readonly graphql: GraphQLHandler;
  readonly rest: RestHandler;
  readonly page: PageHandler;
  readonly authenticate: Authenticator;
  readonly hostRules: HostRules;
  /** Origins of web pages whose scripts may ask. */
  readonly cors: readonly string[];
  /** Whether GraphiQL and the page at `/` are there. */
  readonly graphiql: boolean;
  readonly maxBodyBytes: number;
  /** How long a reader may leave an answer unread. */
  readonly writeTimeoutMs: number;
  /** Why no call would be let in now. */
  readonly admissionError: () => GatewayError | undefined;
  readonly readiness: () => 'ready' | 'stopping' | 'no target can be asked';
  /** Nothing, where they have a port of their own. */
  readonly metrics: MetricsText | undefined;
  readonly onRefused: Observer['refused'];
  readonly log: Log;
};

/** Who sends a request, as soon as that is found out. */
type Sender = { caller: Caller | undefined };

/** The outer listener: every request passes here before a face sees it, and nothing it throws leaves but as a sentence. */
export function createApp(options: AppOptions): RequestListener {
  return (request, response) => {
    closeStalledConnection(response, options.writeTimeoutMs);
    const sender: Sender = { caller: undefined };
    answer(request, response, options, sender).catch((thrown: unknown) => {
      if (response.headersSent || response.destroyed) {
        // Asked before the response takes the socket along: whoever left is no news.
        if (!request.socket.destroyed) options.log.error({ err: thrown }, 'A response broke off');
        response.destroy();
      } else if (thrown instanceof HttpError) {
        options.onRefused({ face: 'http', code: thrown.code, caller: sender.caller?.id });
        sendHttpError(request, response, thrown);
      } else {
        options.log.error({ err: thrown }, 'A request failed for a defect of the gateway');
        sendHttpError(request, response, new HttpError(500, 'INTERNAL', 'The gateway failed to handle this request.'));
      }
    });
  };
}

/** Whoever opens the page of GraphiQL. It is the same for all, and what it asks then needs a key like everything else. */
const graphiqlVisitor: Caller = { id: 'visitor', admin: false, persistedOnly: true, models: [], limits: {} };

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AppOptions,
  sender: Sender,
): Promise<void> {
  const { method = 'GET', url: target = '/' } = request;
  const [host, secondHost] = valuesOf(request, 'host');
  if (secondHost !== undefined || !isAllowedHost(host, options.hostRules)) {
    throw new HttpError(400, 'BAD_HOST', 'This server does not answer to the host in the Host header.');
  }
  if (!target.startsWith('/')) throw new HttpError(400, 'BAD_REQUEST', 'Expected a path.');
  const path = pathOf(target);
  switch (path) {
    case '/healthz':
      return sendJson(response, 200, { status: 'ok' });
    case '/readyz': {
      const status = options.readiness();
      return sendJson(response, status === 'ready' ? 200 : 503, { status });
    }
  }
  if (allowOrigin(request, response, options.cors) && isPreflight(request)) return answerPreflight(request, response);
  const url = `http://${host}${target}`;
  const wantsPage = options.graphiql && method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (wantsPage && path === '/graphql') return answerGraphQL(request, response, options, method, url, graphiqlVisitor);
  if (options.graphiql && method !== 'POST' && (await options.page(path, request, response))) return;
  // From here on nobody is answered who has not said who they are: not even with what there is and what there is not.
  const caller = await options.authenticate(request);
  sender.caller = caller;
  if (caller.persistedOnly && path !== '/graphql') {
    throw new HttpError(403, 'PERSISTED_ONLY', 'This key may only run persisted operations, at /graphql.');
  }
  switch (path) {
    case '/graphql':
      return answerGraphQL(request, response, options, method, url, caller);
    case '/metrics':
      if (!options.metrics) break;
      if (!caller.admin) throw new HttpError(403, 'ADMIN_ONLY', 'Metrics are for a caller with "admin".');
      if (method !== 'GET') throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'Read metrics by GET.', { allow: 'GET' });
      return sendMetrics(response, options.metrics);
  }
  if (isRestPath(path)) return answerRest(request, response, options, method, path, caller);
  throw new HttpError(
    404,
    'NOT_FOUND',
    "There is nothing here. The GraphQL endpoint is /graphql; OpenAI's paths are under /v1.",
  );
}

/** Nothing here waits for the answer: a stream may be open for hours, and would hold its request as long. */
function answerGraphQL(
  request: IncomingMessage,
  response: ServerResponse,
  { graphql, maxBodyBytes, admissionError }: AppOptions,
  method: string,
  url: string,
  caller: Caller,
): Promise<void> {
  if (method !== 'POST' && caller !== graphiqlVisitor) {
    // Answers are paid for: no link, image or form of another site may ask for one.
    throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'Send GraphQL requests by POST.', { allow: 'POST' });
  }
  if (method === 'POST') {
    requireJson(request);
    requireCapacity(request, admissionError);
  }
  const { headers } = request;
  const parts = { method, url, headers, caller, signal: disconnectSignal(response), trace: traceOf(request) };
  if (method !== 'POST') return graphql({ ...parts, body: '' }, response);
  return readLimited(request, maxBodyBytes).then((body) => graphql({ ...parts, body }, response));
}

function answerRest(
  request: IncomingMessage,
  response: ServerResponse,
  { rest, maxBodyBytes, admissionError }: AppOptions,
  method: string,
  path: string,
  caller: Caller,
): Promise<void> {
  if (method === 'POST') {
    requireJson(request);
    requireCapacity(request, admissionError);
  }
  const parts = { method, path, caller, signal: disconnectSignal(response), trace: traceOf(request) };
  if (method !== 'POST') return rest({ ...parts, body: '' }, response);
  return readLimited(request, maxBodyBytes).then((body) => rest({ ...parts, body }, response));
}

function requireJson(request: IncomingMessage): void {
  if (/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return;
  throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send requests as application/json.');
}

/** From so many bytes on a body is not read only to be refused. A smaller one is, with all that there is to tell. */
const largeBytes = 64 * 1024;

function requireCapacity({ headers }: IncomingMessage, refusal: AppOptions['admissionError']): void {
  if (Number(headers['content-length'] ?? Infinity) <= largeBytes) return;
  const refused = refusal();
  if (!refused) return;
  const { code, message, retryAfterMs = 0 } = refused;
  throw new HttpError(503, code, message, { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });
}

function pathOf(target: string): string {
  const [path = '/'] = target.split('?', 1);
  return path;
}

/** One of each, or none: what was sent twice is nobody's trace (W3C Trace Context §3.2). */
function traceOf(request: IncomingMessage): TraceHeaders {
  const [traceparent, second] = valuesOf(request, 'traceparent');
  if (traceparent === undefined || second !== undefined) return {};
  const states = valuesOf(request, 'tracestate');
  return { traceparent, ...(states.length > 0 && { tracestate: states.join(',') }) };
}

/** Fires when the caller leaves before the response is complete. The one signal that everything downstream hangs on. */
function disconnectSignal(response: ServerResponse): AbortSignalLike {
  const controller = new LightAbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The caller left'));
  });
  return controller;
}

async function readLimited(request: IncomingMessage, maxBytes: number): Promise<string> {
  try {
    const body = await readBody(request, maxBytes);
    if (isTooDeep(body)) throw new HttpError(400, 'BAD_REQUEST', 'The body is nested too deeply.');
    return body;
  } catch (thrown) {
    if (!(thrown instanceof BodyTooLarge)) throw thrown;
    throw new HttpError(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes (server.maxBodyBytes).`);
  }
}

/**
 * Closes the connection of a reader that takes nothing: Node waits for ever. Its socket timer starts anew with every byte
 * that the other side takes, however slowly; a provider that is silent leaves nothing to take, and trips nothing.
 */
function closeStalledConnection(response: ServerResponse, ms: number): void {
  response.setTimeout(ms, () => {
    if ((response.socket?.writableLength ?? 0) > 0) response.socket?.destroy();
  });
}
