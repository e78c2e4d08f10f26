import type { ServerResponse } from 'node:http';
import { sendNodeResponse } from '@whatwg-node/server';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import { processRegularResult, type YogaServerInstance } from 'graphql-yoga';
import { isJsonObject } from '../core/chat.ts';
import { createEventStream, type EventStreamSettings } from '../http/event-stream.ts';
import { sendJson, sendJsonText } from '../http/send-json.ts';
import type { Context } from './builder.ts';
import { negotiate, type ResponseForm } from './content-negotiation.ts';
import type { DocumentCache } from './document-cache.ts';
import { type OperationRun, type Result, runQuery, runSubscription, type ToEvents } from './execute.ts';
import type { GraphQLRequest } from './handler.ts';
import type { OperationGuard } from './operation-guard.ts';
import { namesIn, type ReportRefused } from './report-refused.ts';

export type FastPathParts = {
  readonly services: Pick<Context, 'gateway' | 'usage'>;
  readonly documents: DocumentCache;
  readonly guard: OperationGuard;
  /** Throws for a body that is refused. */
  readonly readParameters: (context: ServerContext) => unknown;
  /** Says what a caller may be told of what was thrown. */
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly reportRefused: ReportRefused;
  readonly yoga: Pick<YogaServerInstance<ServerContext, Context>, 'fetchAPI'>;
  readonly heartbeat: EventStreamSettings;
};

/** What Yoga passes through for us. */
export type ServerContext = Pick<GraphQLRequest, 'body' | 'caller' | 'signal' | 'trace'>;

type Parameters = {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
};

/** Runs an operation and writes its answer. */
export type Run = (response: ServerResponse) => Promise<void>;

/** Some browsers wait for the first bytes before they say that a response is there. A moment later they may come with the first event. */
const firstHeartbeatMs = 10;

/**
 * The way of nearly all requests: their document is known and valid, and what runs it writes straight to the socket. Yoga
 * would put the web's Request and Response around it, and closures around every step, which take longer than all the rest.
 * Whatever has something wrong with it is not for this way: nothing is run then, and Yoga says what is wrong.
 */
export function createFastPath(parts: FastPathParts) {
  const { services, documents, guard, readParameters, mask, reportRefused, yoga, heartbeat } = parts;

  function prepare(request: GraphQLRequest): Run | undefined {
    const { headers, caller, signal, trace } = request;
    const params = readParameters(request);
    if (!isWellFormed(params)) return undefined;
    const { variables, operationName } = params;
    const operation = documents.find(params.query, operationName);
    if (!operation) return undefined;
    const isSubscription = operation.definition.operation === OperationTypeNode.SUBSCRIPTION;
    const form = negotiate(oneOf(headers['accept']), isSubscription);
    if (!form) return undefined;
    const running: OperationRun = {
      operation,
      operationName,
      variables,
      context: { ...services, caller, signal, trace },
    };
    const refusal = guard({ ...operation, variables }, caller);
    const checked = (result: Result): Result => {
      if (typeof result === 'string') return result;
      const reported = result.errors ? { ...result, errors: result.errors.map(mask) } : result;
      reportRefused(reported, caller, () => namesIn(params));
      return reported;
    };
    const query = () => (refusal ? Promise.resolve({ errors: [refusal] }) : runQuery(running));
    if (form !== 'text/event-stream') {
      return async (response) => await answer(checked(await query()), form, response);
    }
    return (response) =>
      withEvents(response, async (report) => {
        if (!isSubscription || refusal) await report(checked(await query()));
        else await runSubscription(running, (result) => report(checked(result)));
      });
  }

  async function answer(result: Result, form: ResponseForm, response: ServerResponse): Promise<void> {
    const headers = { 'content-type': `${form}; charset=utf-8` };
    if (typeof result === 'string') sendJsonText(response, 200, result, headers);
    else if (!result.errors) sendJson(response, 200, result, headers);
    else {
      // What errors mean for the status is Yoga's to say.
      const refusal = processRegularResult(result, yoga.fetchAPI, form);
      refusal.headers.set('cache-control', 'no-store');
      await sendNodeResponse(refusal, response, response.req, false);
    }
  }

  /** In the words of the protocol "GraphQL over SSE", distinct connections. */
  async function withEvents(response: ServerResponse, run: (report: ToEvents) => Promise<void>): Promise<void> {
    const events = createEventStream(response, { ...heartbeat, firstHeartbeatMs });
    const report: ToEvents = (result) =>
      events.write(`event: next\ndata: ${typeof result === 'string' ? result : JSON.stringify(result)}\n\n`);
    try {
      try {
        await run(report);
      } catch (thrown) {
        await report({ errors: [mask(thrown)] });
      }
      await events.write('event: complete\ndata:\n\n');
      events.end();
    } finally {
      events.stop();
    }
  }

  return (request: GraphQLRequest): Run | undefined => {
    if (request.method !== 'POST') return undefined;
    try {
      return prepare(request);
    } catch {
      return undefined;
    }
  };
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

const expected: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

function isWellFormed(params: unknown): params is Parameters {
  if (!isJsonObject(params) || !Object.keys(params).every((name) => expected.has(name))) return false;
  const { query, variables, operationName, extensions } = params;
  return (
    typeof query === 'string' &&
    (typeof operationName === 'string' || isAbsent(operationName)) &&
    (isJsonObject(variables) || isAbsent(variables)) &&
    (isJsonObject(extensions) || isAbsent(extensions))
  );
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
