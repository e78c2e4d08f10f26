import { randomUUID } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { makeServer, type Context as ProtocolContext } from 'graphql-ws';
import { LightAbortController } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/json-object.ts';
import type { FaceSocket, FaceWork } from '../http/face.ts';
import { HttpError } from '../http/http-error.ts';
import { withMaskedErrors } from './error-masking.ts';
import { type OperationRun, type Result, runQuery, runSubscription } from './execute.ts';
import { type PrepareOperation, withResultObjects } from './prepare-operation.ts';
import { namesIn, type ReportRefused } from './report-refused.ts';
import { createResultQueue } from './result-queue.ts';

export type WebSocketParts = {
  readonly prepareOperation: PrepareOperation;
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
/** "Try again later" of the registry of RFC 6455: clients reconnect after it. */
const tryAgainLater = 1013;

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
  const { prepareOperation, mask, reportRefused } = parts;

  const server = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: initWaitMs,
    async onConnect({ connectionParams, extra }) {
      try {
        extra.caller = await extra.socket.identify(headersIn(connectionParams));
        return true;
      } catch (thrown) {
        if (!(thrown instanceof HttpError)) throw thrown;
        const isTemporary = thrown.status === 429 || thrown.status === 503;
        extra.socket.close(isTemporary ? tryAgainLater : forbidden, thrown.message);
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
    const controller = new LightAbortController();
    try {
      socket.checkWork();
      if (socket.isDraining()) {
        const message = 'The gateway restarts, or has a new configuration. Connect again for new operations.';
        throw new GraphQLError(message, { extensions: { code: 'OVERLOADED' } });
      }
      if (running.size >= maxOperations) {
        const message = `At most ${maxOperations} operations run on one connection. Open another one, or wait for some to end.`;
        throw new GraphQLError(message, { extensions: { code: 'TOO_MANY_OPERATIONS' } });
      }
      const { trace } = socket;
      // The protocol's implementation passes results on as objects.
      const run = withResultObjects(prepareOperation(payload, { caller, signal: controller.signal, trace, work }));
      running.set(id, controller);
      const { operationName } = run;
      return {
        ...{ schema: run.operation.schema, document: run.operation.document, contextValue: run.context, run, socket },
        ...(operationName != null && { operationName }),
      };
    } catch (thrown) {
      const error =
        thrown instanceof HttpError
          ? new GraphQLError(thrown.message, { extensions: { code: thrown.code } })
          : mask(thrown);
      reportRefused({ errors: [error] }, { caller, work }, () => namesIn(payload));
      return [error];
    }
  }

  async function checked(run: OperationRun, socket: FaceSocket): Promise<ExecutionResult> {
    const startedAt = performance.now();
    try {
      const running = runQuery(run);
      // As over HTTP, the synchronous part is the work. What asks a provider is counted by its caller's limits.
      const ms = performance.now() - startedAt;
      const result = await running;
      if (!run.context.work.isAdmitted) socket.addWork(ms);
      return report(run, toObject(result));
    } catch (thrown) {
      return { errors: [mask(thrown)] };
    }
  }

  function report(run: OperationRun, result: ExecutionResult): ExecutionResult {
    const reported = withMaskedErrors(result, mask);
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
            const { size } = connection.running;
            const startedAt = performance.now();
            abortCompleted(text, connection);
            const handled = handle(text);
            // What begins no operation counts as work: pings, and operations that are refused.
            if (connection.running.size <= size) socket.addWork(performance.now() - startedAt);
            return handled;
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

/** Longer than any "complete" message of a client. */
const maxCompleteChars = 1_000;

/** On "complete", graphql-ws leaves streams, but lets queries run on: their results were only not sent. */
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
