import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type AbortSignalLike, LightAbortController } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import type { GatewayError } from '../core/errors.ts';
import { shapeProblem } from '../core/json-shape.ts';
import type { Observer } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { Face, FaceRequest, FaceWork, PageHandler } from '../http/face.ts';
import { createFairTurns } from '../http/fair-turns.ts';
import { valuesOf } from '../http/headers.ts';
import { HttpError } from '../http/http-error.ts';
import { sendJson } from '../http/send-json.ts';
import { unknownPath } from '../http/unknown-path.ts';
import type { Authenticator } from './authenticate.ts';
import { BodyTooLarge, readBody } from './body.ts';
import type { BodyBudget } from './body-budget.ts';
import { allowOrigin, answerPreflight, isPreflight } from './cors.ts';
import { decompress, encodingOf } from './decompress.ts';
import { badHost, type HostRules, isAllowedHost } from './host-check.ts';
import { type MetricsText, sendMetrics } from './metrics.ts';
import { sendHttpError } from './send-http-error.ts';
import { traceOf } from './trace-headers.ts';
import { refusedCredentialMs, type WorkLimit, workKey } from './work-limit.ts';

export type AppOptions = {
  /** The last one also reports unknown paths. */
  readonly faces: readonly [Face, ...Face[]];
  /** Pages that need no key: the comparison page, GraphiQL. Empty where they are off. */
  readonly pages: readonly PageHandler[];
  readonly authenticate: Authenticator;
  readonly hostRules: HostRules;
  /** Origins of web pages whose scripts may send requests. */
  readonly cors: readonly string[];
  readonly maxBodyBytes: number;
  readonly bodyBudget: BodyBudget;
  readonly workLimit: WorkLimit;
  /** How long a client may leave a response unread, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** The error that a new request would get now. Undefined while requests are admitted. */
  readonly admissionError: () => GatewayError | undefined;
  readonly readiness: () => 'ready' | 'stopping' | 'no provider available';
  /** Undefined where metrics have a port of their own. */
  readonly metrics: MetricsText | undefined;
  readonly onRefused: Observer['refused'];
  readonly log: Log;
};

/** Who sends a request: the caller is known from the moment at which it is authenticated. */
type Sender = { readonly requestId: string; caller: Caller | undefined };

/** The HTTP server's listener: every request passes here before a face sees it, and no exception leaves it unmasked. */
export function createApp(options: AppOptions): RequestListener {
  const unknownFace = options.faces.at(-1) ?? options.faces[0];
  const turns = createFairTurns();
  const faceOf = (path: string) => options.faces.find((face) => face.owns(path));

  async function handle(request: IncomingMessage, response: ServerResponse, sender: Sender): Promise<void> {
    const { method = 'GET', url: target = '/' } = request;
    const [host, secondHost] = valuesOf(request, 'host');
    if (secondHost !== undefined || !isAllowedHost(host, options.hostRules)) {
      throw badHost(host);
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
    if (method !== 'POST') {
      for (const page of options.pages) if (await page(path, request, response)) return;
    }
    // From here on every request needs a caller: even whether a path exists is no answer for strangers.
    const address = `address:${request.socket.remoteAddress}`;
    options.workLimit.check(address);
    const caller = await options.authenticate(request).catch((thrown: unknown) => {
      options.workLimit.add(address, refusedCredentialMs);
      throw thrown;
    });
    sender.caller = caller;
    options.workLimit.check(workKey(caller, address));
    const face = faceOf(path);
    if (caller.persistedOnly && !face?.servesPersistedOnly) {
      throw new HttpError(403, 'PERSISTED_ONLY', 'This key may only run persisted operations, at /graphql.');
    }
    if (face) {
      const { requestId } = sender;
      return forward(face, request, response, { method, path, url: `http://${host}${target}`, caller, requestId });
    }
    if (path === '/metrics' && options.metrics) {
      if (!caller.admin) throw new HttpError(403, 'ADMIN_ONLY', 'Metrics need a caller with "admin".');
      if (method !== 'GET') throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'Read metrics by GET.', { allow: 'GET' });
      return sendMetrics(response, options.metrics);
    }
    throw unknownPath(method, path);
  }

  /** It does not wait for the response itself: a stream may be open for hours, and this frame would hold its request. */
  function forward(
    face: Face,
    request: IncomingMessage,
    response: ServerResponse,
    { requestId, ...parts }: Pick<FaceRequest, 'method' | 'path' | 'url' | 'caller'> & Pick<FaceWork, 'requestId'>,
  ): Promise<void> {
    const { headers } = request;
    const work: FaceWork = { requestId, calls: 0, isAdmitted: false };
    const key = workKey(parts.caller, `address:${request.socket.remoteAddress}`);
    // The synchronous part of a request is nearly all of its work: parsing, validation, free resolvers.
    const handle = (body: string, startedAt: number) => {
      const { caller } = parts;
      const signal = disconnectSignal(response);
      const asked = { ...parts, headers, body, signal, trace: traceOf(request), caller, work };
      const done = () => {
        const ms = performance.now() - startedAt;
        response.once('close', () => !work.isAdmitted && options.workLimit.add(key, ms));
      };
      try {
        return face.handle(asked, response);
      } finally {
        done();
      }
    };
    if (parts.method !== 'POST') return handle('', performance.now());
    requireJson(request);
    requireCapacity(request, options.admissionError);
    const reserve = options.bodyBudget.reserve(parts.caller.id, response);
    const announced = Math.min(Number(headers['content-length'] ?? 0) || 0, options.maxBodyBytes);
    reserve(announced);
    // Without a length, and for a sender that lies, the pieces count.
    let unannounced = -announced;
    const onBytes = (bytes: number) => {
      unannounced += bytes;
      if (unannounced > 0) {
        reserve(unannounced);
        unannounced = 0;
      }
    };
    return readLimited(request, options.maxBodyBytes, onBytes).then((body) => {
      if (body.length < expensiveChars) return handle(body, performance.now());
      return turns.take().then(() => handle(body, performance.now()));
    });
  }

  return (request, response) => {
    closeStalledConnection(response, options.writeTimeoutMs);
    const sender: Sender = { requestId: randomUUID(), caller: undefined };
    response.setHeader('x-request-id', sender.requestId);
    handle(request, response, sender).catch((thrown: unknown) => {
      if (response.headersSent || response.destroyed) {
        // A client that disconnected is nothing to log. This is asked before the response takes the socket along.
        if (!request.socket.destroyed) options.log.error({ err: thrown }, 'response broke off');
        response.destroy();
        return;
      }
      const { refuse } = faceOf(pathOf(request.url ?? '/')) ?? unknownFace;
      if (thrown instanceof HttpError) {
        const { caller, requestId } = sender;
        options.onRefused({ face: 'http', code: thrown.code, caller: caller?.id, requestId });
        sendHttpError(request, response, thrown, refuse);
      } else {
        options.log.error({ err: thrown }, 'request failed: defect of the gateway');
        const error = new HttpError(500, 'INTERNAL', 'The gateway failed to handle this request.');
        sendHttpError(request, response, error, refuse);
      }
    });
  };
}

/** A request without a body has no type of one. */
function requireJson(request: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding, 'content-type': type } = request.headers;
  if (type === undefined && encoding === undefined && length === '0') return;
  if (/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return;
  throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send requests with Content-Type: application/json.');
}

/** A larger body is not read only to be refused. A smaller one is read, for the refusal to have its names in the log. */
const largeBytes = 64 * 1024;

function requireCapacity({ headers }: IncomingMessage, admissionError: AppOptions['admissionError']): void {
  if (Number(headers['content-length'] ?? Infinity) <= largeBytes) return;
  const error = admissionError();
  if (!error) return;
  const { code, message, retryAfterMs = 0 } = error;
  throw new HttpError(503, code, message, { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });
}

function pathOf(target: string): string {
  const [path = '/'] = target.split('?', 1);
  // Clients join a base URL that ends in a slash with a path that begins with one.
  return path.startsWith('//v1/') ? path.slice(1) : path;
}

/** Aborted when the client disconnects before the response is complete. Everything a request holds hangs on this signal. */
function disconnectSignal(response: ServerResponse): AbortSignalLike {
  const controller = new LightAbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The client disconnected'));
  });
  return controller.signal;
}

/** A body from this size on waits for a turn of its own. */
const expensiveChars = 32 * 1024;

async function readLimited(
  request: IncomingMessage,
  maxBytes: number,
  onBytes: (bytes: number) => void,
): Promise<string> {
  try {
    const encoding = encodingOf(request.headers['content-encoding']);
    const read = await readBody(request, maxBytes, onBytes);
    const bytes = encoding === undefined ? read : await decompress(read, encoding, maxBytes);
    if (encoding !== undefined) onBytes(bytes.length);
    const body = bytes.toString('utf8');
    const problem = shapeProblem(body);
    if (problem) throw new HttpError(400, 'BAD_REQUEST', `The body is ${problem}.`);
    return body;
  } catch (thrown) {
    if (!(thrown instanceof BodyTooLarge)) throw thrown;
    throw new HttpError(413, 'PAYLOAD_TOO_LARGE', `The body exceeds ${maxBytes} bytes (server.maxBodyBytes).`);
  }
}

/**
 * Closes the connection of a client that stops reading; Node waits without end. The socket's timer starts anew with every byte
 * that the client takes. While a provider is silent nothing is buffered, and the timer changes nothing.
 */
function closeStalledConnection(response: ServerResponse, ms: number): void {
  response.setTimeout(ms, () => {
    if ((response.socket?.writableLength ?? 0) > 0) response.socket?.destroy();
  });
}
