import { randomUUID } from 'node:crypto';
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { makeServer, type Context as ProtocolContext } from 'graphql-ws';
import { LightAbortController } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/json-object.ts';
import type { FaceSocket, FaceWork } from '../http/face.ts';
import { HttpError } from '../http/http-error.ts';
import type { Context } from './builder.ts';
import type { DocumentCache } from './document-cache.ts';
import { type DocumentLimits, documentRules, isSizeRefusal, maxTokens } from './document-limits.ts';
import { withoutQuotedValues } from './error-masking.ts';
import { type OperationRun, type Result, runQuery, runSubscription, subscriptionErrors } from './execute.ts';
import type { OperationGuard } from './operation-guard.ts';
import { namesIn, type ReportRefused } from './report-refused.ts';
import type { ReadParameters } from './request-parameters.ts';
import { createResultQueue } from './result-queue.ts';
import { schema } from './schema.ts';

export type WebSocketParts = {
  readonly services: Pick<Context, 'gateway' | 'usage'>;
  readonly documents: DocumentCache;
  readonly limits: DocumentLimits;
  readonly hints: boolean;
  readonly guard: OperationGuard;
  readonly readParameters: ReadParameters;
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly reportRefused: ReportRefused;
};

/** The protocol of graphql-ws. */
export const webSocketProtocol = 'graphql-transport-ws';

/** Time for the first message. */
const initWaitMs = 10_000;
/** Operations at once on one connection. Callers have limits of their own; this one bounds what a connection holds. */
const maxOperations = 100;
/** The protocol's close code for a connection that is refused. */
const forbidden = 4403;

type Connection = {
  readonly socket: FaceSocket;
  caller: Caller | undefined;
  /** By the client's id of the operation. */
  readonly running: Map<string, LightAbortController>;
};

/** What the protocol passes from the hook that prepares an operation to the one that runs it. */
type Prepared = ExecutionArgs & {
  readonly run: OperationRun;
  readonly socket: FaceSocket;
};

/** Operations over one WebSocket: the same documents, guards and limits as over HTTP, many streams on a connection. */
export function createWebSocketHandler(parts: WebSocketParts): (socket: FaceSocket) => void {
  const { services, documents, guard, readParameters, mask, reportRefused } = parts;
  const rules = [...specifiedRules, ...documentRules(parts.limits)];

  const server = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: initWaitMs,
    async onConnect({ connectionParams, extra }) {
      try {
        extra.caller = extra.socket.caller ?? (await extra.socket.authenticate(headersIn(connectionParams)));
        return true;
      } catch (thrown) {
        if (!(thrown instanceof HttpError)) throw thrown;
        extra.socket.close(forbidden, thrown.message);
        return false;
      }
    },
    onSubscribe: (context, id, payload) => prepare(context, id, payload),
    execute: async (args) => {
      const { run, socket } = args as Prepared;
      return checked(run, socket);
    },
    subscribe: (args) => {
      const { run } = args as Prepared;
      return createResultQueue(
        (emit) => runSubscription(run, (result) => emit(report(run, toObject(result)))),
        (thrown) => ({ errors: [mask(thrown)] }),
      );
    },
    onComplete: ({ extra }, id) => {
      extra.running.delete(id);
    },
  });

  function prepare(
    { extra }: ProtocolContext<Record<string, unknown>, Connection>,
    id: string,
    payload: object,
  ): Prepared | GraphQLError[] {
    const { caller, socket, running } = extra;
    if (!caller) throw new Error('An operation came before its connection was acknowledged');
    const work: FaceWork = { requestId: randomUUID(), calls: 0, isAdmitted: false };
    const startedAt = performance.now();
    const refused = (error: GraphQLError, params: unknown = payload): GraphQLError[] => {
      reportRefused({ errors: [error] }, { caller, work }, () => namesIn(params));
      socket.addWork(caller, performance.now() - startedAt);
      return [error];
    };
    try {
      socket.checkWork(caller);
      if (running.size >= maxOperations) {
        const message = `At most ${maxOperations} operations run on one connection. Open another one, or wait for some to end.`;
        throw new GraphQLError(message, { extensions: { code: 'TOO_MANY_OPERATIONS' } });
      }
      const params = readParameters({ params: payload, caller }) as Parameters;
      const operation = findOperation(params);
      const controller = new LightAbortController();
      // Results are objects on their way through graphql-ws: the compiled form writes text.
      const run: OperationRun = {
        operation: { ...operation, compiled: undefined },
        operationName: params.operationName,
        variables: params.variables,
        context: { ...services, caller, signal: controller.signal, trace: {}, work },
      };
      const stopped = guard({ ...operation, variables: params.variables }, caller);
      if (stopped) return refused(mask(stopped), params);
      if (operation.definition.operation === OperationTypeNode.SUBSCRIPTION) {
        const [invalid] = subscriptionErrors(run)?.errors ?? [];
        if (invalid) return refused(mask(invalid), params);
      }
      running.set(id, controller);
      return {
        ...{ schema, document: operation.document, contextValue: run.context, run, socket },
        ...(params.operationName != null && { operationName: params.operationName }),
      };
    } catch (thrown) {
      if (thrown instanceof HttpError)
        return refused(new GraphQLError(thrown.message, { extensions: { code: thrown.code } }));
      return refused(mask(thrown));
    }
  }

  function findOperation({ query, operationName }: Parameters) {
    if (typeof query !== 'string') throw badRequest('Send the document as "query", or the id of a persisted one.');
    const known = findValid(query, operationName);
    if (known) return known;
    // Why it is refused, in the words of graphql-js without the client's values.
    const errors = validate(schema, parse(query, { maxTokens }), rules);
    const error = errors.find(isSizeRefusal) ?? errors[0];
    if (error) throw withoutQuotedValues(error, { hints: parts.hints, code: 'BAD_USER_INPUT' });
    throw badRequest('The document has no such operation. Name one of its operations as operationName.');
  }

  function findValid(query: string, operationName: string | null | undefined) {
    try {
      return documents.find(query, operationName);
    } catch {
      return undefined;
    }
  }

  async function checked(run: OperationRun, socket: FaceSocket): Promise<ExecutionResult> {
    const startedAt = performance.now();
    try {
      return report(run, toObject(await runQuery(run)));
    } catch (thrown) {
      return { errors: [mask(thrown)] };
    } finally {
      const { caller, work } = run.context;
      // Free operations are over at once; one that asked a provider is counted by its caller's limits.
      if (!work.isAdmitted) socket.addWork(caller, performance.now() - startedAt);
    }
  }

  function report(run: OperationRun, result: ExecutionResult): ExecutionResult {
    const reported = result.errors ? { ...result, errors: result.errors.map(mask) } : result;
    const { caller, work } = run.context;
    reportRefused(reported, { caller, work }, () =>
      namesIn({ operationName: run.operationName, variables: run.variables }),
    );
    return reported;
  }

  return (socket) => {
    const connection: Connection = { socket, caller: undefined, running: new Map() };
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: socket.send,
        close: socket.close,
        onMessage: (handle) =>
          socket.onMessage((text) => {
            abortCompleted(text, connection);
            return handle(text);
          }),
      },
      connection,
    );
    socket.onClose((code, reason) => {
      for (const controller of connection.running.values()) controller.abort(new Error('The client disconnected'));
      connection.running.clear();
      void closed(code, reason);
    });
  };
}

type Parameters = Pick<OperationRun, 'operationName' | 'variables'> & { readonly query?: unknown };

/** Longer than any "complete" message of a client. */
const maxCompleteChars = 1_000;

/** graphql-ws stops streams by itself, and ignores that a query is no longer wanted. */
function abortCompleted(text: string, { running }: Connection): void {
  if (text.length > maxCompleteChars || !text.includes('"complete"')) return;
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return;
  }
  if (!isJsonObject(message) || message['type'] !== 'complete') return;
  running.get(String(message['id']))?.abort(new Error('The client no longer wants the result'));
}

/** A key in the connection's parameters, by the names of headers: at the top, or under `headers`. */
function headersIn(params: Record<string, unknown> | undefined): string[] {
  const own = isJsonObject(params?.['headers']) ? params['headers'] : {};
  return Object.entries({ ...params, ...own }).flatMap(([name, value]) =>
    typeof value === 'string' && /^(authorization|x-api-key|api-key)$/i.test(name) ? [name, value] : [],
  );
}

function toObject(result: Result): ExecutionResult {
  return typeof result === 'string' ? (JSON.parse(result) as ExecutionResult) : result;
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
