import { EventEmitter } from 'node:events';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { anonymous, type Caller } from '../core/caller.ts';
import { shapeProblem } from '../core/json-shape.ts';
import type { Observer, TraceHeaders } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { ConnectionBudget } from '../http/connection-budget.ts';
import type { Face, FaceSocket } from '../http/face.ts';
import { valuesOf } from '../http/headers.ts';
import { HttpError } from '../http/http-error.ts';
import type { Authenticator } from './authenticate.ts';
import type { BodyBudget } from './body-budget.ts';
import { badHost, type HostRules, isAllowedHost } from './host-check.ts';
import { traceOf } from './trace-headers.ts';
import { refusedCredentialMs, type WorkLimit, workKey } from './work-limit.ts';

export type WebSocketOptions = {
  readonly faces: readonly Face[];
  readonly authenticate: Authenticator;
  readonly hostRules: HostRules;
  /** Origins of web pages whose scripts may connect, beside the gateway's own. */
  readonly cors: readonly string[];
  readonly maxBodyBytes: number;
  readonly bodyBudget: BodyBudget;
  readonly workLimit: WorkLimit;
  readonly connectionBudget: ConnectionBudget;
  /** Silence before a ping, and how long its pong may take, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long a client may leave a message unread, in milliseconds. */
  readonly writeTimeoutMs: number;
  readonly onRefused: Observer['refused'];
  readonly log: Log;
};

export type WebSockets = {
  /** Handles the upgrade requests of a server. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Closes each connection with 1012 as soon as nothing runs on it. Resolves when there is none left. */
  drain(): Promise<void>;
  /** Closes all connections with 1012, and cuts those that do not answer within the time. */
  stop(graceMs: number): Promise<void>;
};

/** Close codes: RFC 6455 §7.4, and the range of applications. */
const closeCodes = { badMessage: 4400, restarting: 1012, overloaded: 1013, failed: 1011 } as const;
/** RFC 6455 §5.5 leaves 123 bytes for a reason. */
const maxReasonBytes = 120;

/** WebSocket connections. What a client may do is decided as for HTTP requests: by Host, origin, caller and limits. */
export function createWebSockets(options: WebSocketOptions): WebSockets {
  const open = new Set<Connection>();
  let server: Promise<WebSocketServer> | undefined;
  let drained: PromiseWithResolvers<void> | undefined;

  /** Loaded with the first connection. */
  async function loadServer(): Promise<WebSocketServer> {
    const { WebSocketServer: Server } = await import('ws');
    return new Server({
      noServer: true,
      maxPayload: options.maxBodyBytes,
      // Compression costs a window of memory for each connection, and mixes secrets with what callers choose.
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
    });
  }
  const protocols = options.faces.flatMap(({ sockets }) => sockets?.protocol ?? []);

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const face = check(request);
    const address = `address:${request.socket.remoteAddress}`;
    options.workLimit.check(address);
    const authenticate = (rawHeaders: string[]) =>
      options.authenticate({ rawHeaders }).catch((thrown: unknown) => {
        options.workLimit.add(address, refusedCredentialMs);
        throw thrown;
      });
    const named = ['authorization', 'x-api-key', 'api-key'].some((name) => valuesOf(request, name).length > 0);
    // Browsers cannot set headers: their caller is named by the first message.
    const caller = named ? await authenticate(request.rawHeaders) : undefined;
    const key = caller ? workKey(caller, address) : address;
    let giveBack = options.connectionBudget.take(key);
    socket.once('close', () => giveBack());
    server ??= loadServer();
    const one = await server;
    const webSocket = await new Promise<WebSocket>((resolve) => one.handleUpgrade(request, socket, head, resolve));
    const connection = createConnection(webSocket, {
      ...options,
      address,
      trace: traceOf(request),
      onIdentified(identified) {
        const ofAddress = giveBack;
        giveBack = options.connectionBudget.take(workKey(identified, address));
        ofAddress();
      },
      isDraining: () => drained !== undefined,
      authenticate,
      caller,
      onIdle: () => {
        if (drained) connection.close(closeCodes.restarting, 'The gateway restarts.');
      },
      onClose: () => {
        open.delete(connection);
        if (open.size === 0) drained?.resolve();
      },
    });
    open.add(connection);
    face.open(connection.socket);
    if (drained) connection.close(closeCodes.restarting, 'The gateway restarts.');
  }

  function check(request: IncomingMessage): NonNullable<Face['sockets']> {
    const [host, second] = valuesOf(request, 'host');
    if (second !== undefined || !isAllowedHost(host, options.hostRules)) throw badHost(host);
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const sockets = options.faces.find((face) => face.owns(path))?.sockets;
    if (!sockets) throw new HttpError(404, 'NOT_FOUND', 'There is no WebSocket here. Connect to /graphql.');
    const { origin } = request.headers;
    // Browsers let any page connect: without this check, one could use a gateway without keys on the visitor's machine.
    if (origin !== undefined && !isOwnOrigin(origin, host) && !options.cors.includes(origin)) {
      throw new HttpError(
        403,
        'ORIGIN_NOT_ALLOWED',
        'This origin may not connect. Add it to server.cors in parley.yaml.',
      );
    }
    return sockets;
  }

  return {
    onUpgrade(request, socket, head) {
      // Until ws takes over, an error of the socket would have no listener.
      const onError = () => socket.destroy();
      socket.on('error', onError);
      upgrade(request, socket, head)
        .then(() => socket.off('error', onError))
        .catch((thrown: unknown) => {
          if (!(thrown instanceof HttpError)) {
            options.log.error({ err: thrown }, 'WebSocket connection failed: defect of the gateway');
          } else options.onRefused({ face: 'http', code: thrown.code, caller: undefined, requestId: undefined });
          refuse(socket, thrown);
        });
    },
    drain() {
      drained ??= Promise.withResolvers();
      if (open.size === 0) drained.resolve();
      for (const connection of open) {
        if (connection.isIdle()) connection.close(closeCodes.restarting, 'The gateway restarts.');
      }
      return drained.promise;
    },
    async stop(graceMs) {
      drained ??= Promise.withResolvers();
      if (open.size === 0) return;
      for (const connection of open) connection.close(closeCodes.restarting, 'The gateway restarts.');
      const cut = setTimeout(() => {
        for (const connection of open) connection.cut();
      }, graceMs);
      await drained.promise;
      clearTimeout(cut);
    },
  };
}

type Connection = {
  readonly socket: FaceSocket;
  isIdle(): boolean;
  close(code: number, reason: string): void;
  cut(): void;
};

type ConnectionParts = Omit<WebSocketOptions, 'authenticate'> & {
  readonly caller: Caller | undefined;
  readonly authenticate: (rawHeaders: string[]) => Promise<Caller>;
  readonly address: string;
  readonly trace: TraceHeaders;
  readonly isDraining: () => boolean;
  /** The first message named the caller. */
  readonly onIdentified: (caller: Caller) => void;
  readonly onIdle: () => void;
  readonly onClose: () => void;
};

function createConnection(webSocket: WebSocket, parts: ConnectionParts): Connection {
  const { heartbeatMs, writeTimeoutMs, bodyBudget, address, log } = parts;
  /** Of the upgrade request, or of the first message. */
  let { caller } = parts;
  let running = 0;
  /** Since when a message waits for the client to read. */
  let unreadSince: number | undefined;
  let waiting = 0;
  let isAlive = true;

  const beat = setInterval(() => {
    const isStuck = unreadSince !== undefined && performance.now() - unreadSince > writeTimeoutMs;
    if (isStuck || !isAlive) return webSocket.terminate();
    // A client that is behind has bytes to read before it sees a ping.
    if (waiting > 0) return;
    isAlive = false;
    webSocket.ping();
  }, heartbeatMs);
  webSocket.on('pong', () => {
    isAlive = true;
  });
  webSocket.on('error', (error) => {
    // A message that is too large, or no valid frame: ws closes the connection with the right code.
    log.warn({ code: (error as { code?: string }).code }, 'WebSocket connection failed');
  });
  webSocket.once('close', () => {
    clearInterval(beat);
    parts.onClose();
  });

  function close(code: number, reason: string): void {
    // A character that is cut in two decodes as a replacement character.
    const fits = Buffer.from(reason).subarray(0, maxReasonBytes).toString();
    webSocket.close(code, fits.replace(/\uFFFD$/, ''));
  }

  /** A message counts against the budget of bodies until what it asks for has ended. */
  async function receive(text: string, handle: (text: string) => Promise<void>): Promise<void> {
    const problem = shapeProblem(text);
    if (problem) return close(closeCodes.badMessage, `The message is ${problem}.`);
    const ended = new EventEmitter();
    running += 1;
    try {
      bodyBudget.reserve(caller?.id ?? anonymous.id, ended)(Buffer.byteLength(text));
      await handle(text);
    } catch (thrown) {
      if (thrown instanceof HttpError) return close(closeCodes.overloaded, thrown.message);
      log.error({ err: thrown }, 'WebSocket message failed: defect of the gateway');
      close(closeCodes.failed, 'The gateway failed to handle this message.');
    } finally {
      ended.emit('close');
      running -= 1;
      if (running === 0) parts.onIdle();
    }
  }

  const socket: FaceSocket = {
    protocol: webSocket.protocol,
    trace: parts.trace,
    async identify(rawHeaders) {
      if (caller) return caller;
      const identified = await parts.authenticate(rawHeaders);
      parts.onIdentified(identified);
      caller = identified;
      return identified;
    },
    isDraining: parts.isDraining,
    checkWork: () => parts.workLimit.check(caller ? workKey(caller, address) : address),
    addWork: (ms) => parts.workLimit.add(caller ? workKey(caller, address) : address, ms),
    send(text) {
      if (webSocket.readyState !== webSocket.OPEN) return Promise.resolve();
      waiting += 1;
      unreadSince ??= performance.now();
      // Called when the system has the bytes: a client that does not read stops its streams, and their providers.
      return new Promise((resolve) => {
        webSocket.send(text, () => {
          waiting -= 1;
          unreadSince = waiting > 0 ? performance.now() : undefined;
          resolve();
        });
      });
    },
    close,
    onMessage(handle) {
      webSocket.on('message', (data, isBinary) => {
        isAlive = true;
        if (isBinary) return close(closeCodes.badMessage, 'Send messages as text.');
        void receive(String(data), handle);
      });
    },
    onClose(listener) {
      webSocket.once('close', (code, reason) => listener(code, String(reason)));
    },
  };
  return { socket, isIdle: () => running === 0, close, cut: () => webSocket.terminate() };
}

/** A page of the gateway itself, over http or behind a proxy that ends TLS. */
function isOwnOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function refuse(socket: Duplex, thrown: unknown): void {
  const error =
    thrown instanceof HttpError
      ? thrown
      : new HttpError(500, 'INTERNAL', 'The gateway failed to open this connection.');
  const body = JSON.stringify({ errors: [{ message: error.message, extensions: { code: error.code } }] });
  const headers = {
    ...error.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, '', body].join('\r\n'));
}
