import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { LightAbortController } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import { parseJson } from '../core/json.ts';
import { isJsonObject } from '../core/json-object.ts';
import type { ConnectionBudget } from '../http/connection-budget.ts';
import { createEventStream, type EventStream, type EventStreamSettings } from '../http/event-stream.ts';
import { headerOf } from '../http/headers.ts';
import { HttpError } from '../http/http-error.ts';
import { sendJson } from '../http/send-json.ts';
import { withMaskedErrors } from './error-masking.ts';
import { type OperationRun, type Result, runQuery, runSubscription } from './execute.ts';
import { badRequest, isSubscription, type PrepareOperation } from './prepare-operation.ts';
import { namesIn, type ReportRefused } from './report-refused.ts';
import type { GraphQLHandler, GraphQLRequest } from './request.ts';
import type { ReservationTokens } from './reservation-tokens.ts';

export type SingleConnectionParts = {
  readonly prepareOperation: PrepareOperation;
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly reportRefused: ReportRefused;
  readonly heartbeat: EventStreamSettings;
  readonly tokens: ReservationTokens;
  readonly connectionBudget: ConnectionBudget;
  /** Counts the bytes of a caller's request until `ended` emits "close". Throws an HttpError where there are too many. */
  readonly reserveBody: (caller: string, ended: EventEmitter) => (bytes: number) => void;
};

export type SingleConnections = {
  /** Whether a request belongs to this mode. */
  takes(request: GraphQLRequest): boolean;
  readonly handle: GraphQLHandler;
  /** Ends each event stream as soon as nothing runs on it. Clients connect again, to the next configuration. */
  drain(): void;
};

/** Operations at once on one connection, as over a WebSocket. */
const maxOperations = 100;
const tokenHeader = 'x-graphql-event-stream-token';

type Connection = {
  readonly caller: Caller;
  readonly events: EventStream;
  readonly running: Map<string, LightAbortController>;
};

/**
 * The single connection mode of GraphQL over SSE: PUT reserves a token, GET opens the one event stream, each POST starts an
 * operation whose results go to that stream, and DELETE stops one. Browsers open only six HTTP/1.1 connections to a host.
 */
export function createSingleConnections(parts: SingleConnectionParts): SingleConnections {
  const { prepareOperation, mask, reportRefused, heartbeat, tokens, connectionBudget, reserveBody } = parts;
  const open = new Map<string, Connection>();
  let isDraining = false;

  function connect(token: string, { caller, signal }: GraphQLRequest, response: ServerResponse): Promise<void> {
    if (!tokens.isValid(token, caller.id)) throw unknownToken();
    if (open.has(token)) throw new HttpError(409, 'CONFLICT', 'Another event stream uses this token.');
    const giveBack = connectionBudget.take(caller.id);
    const events = createEventStream(response, heartbeat);
    const connection: Connection = { caller, events, running: new Map() };
    open.set(token, connection);
    signal.addEventListener('abort', () => {
      for (const controller of connection.running.values()) controller.abort(new Error('The client disconnected'));
    });
    response.once('close', () => {
      open.delete(token);
      giveBack();
      events.stop();
    });
    // Some browsers report a response only with its first bytes.
    void events.write(':\n\n');
    endIfIdle(connection);
    return Promise.resolve();
  }

  function start(token: string, request: GraphQLRequest, response: ServerResponse): void {
    const { caller, trace, work, body } = request;
    const connection = connectionOf(token, caller);
    const params = parsed(body);
    const id = operationIdOf(params);
    const { running } = connection;
    if (running.has(id)) throw new HttpError(409, 'CONFLICT', 'An operation with this operationId is running.');
    if (running.size >= maxOperations) {
      const message = `At most ${maxOperations} operations run on one connection. Open another one, or wait for some to end.`;
      throw new HttpError(429, 'TOO_MANY_OPERATIONS', message);
    }
    const controller = new LightAbortController();
    let run: OperationRun;
    try {
      run = prepareOperation(params, { caller, signal: controller.signal, trace, work });
    } catch (thrown) {
      if (thrown instanceof HttpError) throw thrown;
      const refused = { errors: [mask(thrown)] };
      reportRefused(refused, { caller, work }, () => namesIn(params));
      sendJson(response, 400, refused);
      return;
    }
    const ended = new EventEmitter();
    reserveBody(caller.id, ended)(Buffer.byteLength(body));
    running.set(id, controller);
    response.writeHead(202, { 'cache-control': 'no-store' }).end();
    void execute(run, id, connection).finally(() => {
      ended.emit('close');
      running.delete(id);
      endIfIdle(connection);
    });
  }

  /** Never rejects: a failure is a result. */
  async function execute(run: OperationRun, id: string, { events, caller }: Connection): Promise<void> {
    const name = JSON.stringify(id);
    const emit = (result: Result) => {
      const text = typeof result === 'string' ? result : JSON.stringify(reported(result));
      return events.write(`event: next\ndata: {"id":${name},"payload":${text}}\n\n`);
    };
    function reported(result: Exclude<Result, string>) {
      const masked = withMaskedErrors(result, mask);
      const { work } = run.context;
      reportRefused(masked, { caller, work }, () =>
        namesIn({ operationName: run.operationName, variables: run.variables }),
      );
      return masked;
    }
    try {
      if (isSubscription(run.operation)) await runSubscription(run, emit);
      else await emit(await runQuery(run));
    } catch (thrown) {
      await emit({ errors: [mask(thrown)] });
    }
    await events.write(`event: complete\ndata: {"id":${name}}\n\n`);
  }

  function stop(token: string, { caller, url }: GraphQLRequest, response: ServerResponse): void {
    const id = new URL(url).searchParams.get('operationId');
    if (id === null) throw new HttpError(400, 'BAD_REQUEST', 'Name the operation to stop: ?operationId=…');
    connectionOf(token, caller).running.get(id)?.abort(new Error('The client no longer wants the result'));
    response.writeHead(200, { 'cache-control': 'no-store' }).end();
  }

  function connectionOf(token: string, caller: Caller): Connection {
    const connection = open.get(token);
    // A token of another caller is no different from one that does not exist.
    if (connection?.caller.id !== caller.id) throw unknownToken();
    return connection;
  }

  function endIfIdle({ events, running }: Connection): void {
    if (isDraining && running.size === 0) events.end();
  }

  return {
    takes: ({ method, url, headers }) =>
      method === 'PUT' || method === 'DELETE' || headers[tokenHeader] !== undefined || hasToken(method, url),
    async handle(request, response) {
      const { method, caller } = request;
      if (method === 'PUT') {
        const text = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
        response.writeHead(201, text).end(tokens.create(caller.id));
        return;
      }
      const token = headerOf(request.headers[tokenHeader]) ?? new URL(request.url).searchParams.get('token');
      if (token === null) throw unknownToken();
      switch (method) {
        case 'GET':
          return connect(token, request, response);
        case 'POST':
          return start(token, request, response);
        case 'DELETE':
          return stop(token, request, response);
      }
      throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'Send PUT, GET, POST or DELETE.', {
        allow: 'PUT, GET, POST, DELETE',
      });
    },
    drain() {
      isDraining = true;
      for (const connection of open.values()) endIfIdle(connection);
    },
  };
}

function hasToken(method: string, url: string): boolean {
  return (method === 'GET' || method === 'POST') && url.includes('token=') && new URL(url).searchParams.has('token');
}

function unknownToken(): HttpError {
  const message =
    'No event stream has this token: it may have ended, or be that of another gateway. Reserve one by PUT, and open it by GET within 30 s.';
  return new HttpError(404, 'NOT_FOUND', message);
}

function parsed(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', 'The body is not valid JSON.');
  }
}

/** Longer than any id that a client makes. */
const maxIdChars = 200;

function operationIdOf(params: unknown): string {
  const extensions = isJsonObject(params) ? params['extensions'] : undefined;
  const id = isJsonObject(extensions) ? extensions['operationId'] : undefined;
  if (typeof id === 'string' && id !== '' && id.length <= maxIdChars) return id;
  const error = badRequest(`Name the operation: "extensions.operationId", a string of 1 to ${maxIdChars} characters.`);
  throw new HttpError(400, 'BAD_REQUEST', error.message);
}
