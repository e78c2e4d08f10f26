import type { ServerResponse } from 'node:http';
import { sendNodeResponse } from '@whatwg-node/server';
import { type GraphQLError, Kind, OperationTypeNode, type SelectionNode } from 'graphql';
import { processRegularResult } from 'graphql-yoga';
import { isJsonObject } from '../core/json-object.ts';
import { createEventStream, type EventStreamSettings } from '../http/event-stream.ts';
import { headerOf } from '../http/headers.ts';
import { sendJson, sendJsonText } from '../http/send-json.ts';
import type { Context } from './builder.ts';
import { type EventForm, isEventForm, negotiate, type ResponseForm } from './content-negotiation.ts';
import type { DocumentCache, Operation } from './document-cache.ts';
import { withMaskedErrors } from './error-masking.ts';
import {
  type OperationRun,
  type Result,
  runQuery,
  runSubscription,
  subscriptionErrors,
  type ToEvents,
} from './execute.ts';
import type { OperationGuard } from './operation-guard.ts';
import { namesIn, type ReportRefused } from './report-refused.ts';
import type { GraphQLRequest } from './request.ts';
import type { ReadParameters } from './request-parameters.ts';
import { framingOf } from './result-framing.ts';
import type { YogaPath } from './yoga-path.ts';

export type FastPathParts = {
  readonly services: Pick<Context, 'gateway' | 'usage'>;
  readonly documents: DocumentCache;
  readonly guard: OperationGuard;
  readonly readParameters: ReadParameters;
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly reportRefused: ReportRefused;
  readonly fetchAPI: YogaPath['fetchAPI'];
  readonly heartbeat: EventStreamSettings;
};

type Parameters = {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
};

/** Runs an operation and writes its response. */
export type Run = (response: ServerResponse) => Promise<void>;

/** Some browsers report a response only with its first bytes, so the first comment comes early. The first event may join it. */
const firstHeartbeatMs = 10;

/**
 * The fast path: valid operations run on graphql-js, or on their compiled form, and are written straight to the socket. It
 * stands for graphql-yoga's HTTP layer, whose Request, Response and plugin closures take 2.6 times as long for a whole answer
 * (decision 0060). It takes POST requests (GET for resumeChatStream, which EventSource needs) with a document that parses and validates, known parameters and a media type that
 * the Accept header allows; anything else is Yoga's, which formats the error. test/graphql/paths.test.ts holds both paths
 * byte-equal over random operations.
 */
export function createFastPath(parts: FastPathParts) {
  const { services, documents, guard, readParameters, mask, reportRefused, fetchAPI, heartbeat } = parts;

  function prepare(request: GraphQLRequest, mayRun: (operation: Operation) => boolean = () => true): Run | undefined {
    const { headers, caller, signal, trace, work } = request;
    const params = readParameters(request);
    if (!isWellFormed(params)) return undefined;
    const { variables, operationName } = params;
    const operation = documents.find(params.query, operationName);
    if (!operation || !mayRun(operation)) return undefined;
    const isSubscription = operation.definition.operation === OperationTypeNode.SUBSCRIPTION;
    const accept = headerOf(headers['accept']);
    const form = negotiate(accept, isSubscription);
    if (!form) return undefined;
    const running: OperationRun = {
      operation,
      operationName,
      variables,
      context: { ...services, caller, signal, trace, work, lastEventId: headerOf(headers['last-event-id']) },
    };
    const refusal = guard({ ...operation, variables }, caller);
    const checked = (result: Result): Result => {
      if (typeof result === 'string') return result;
      const reported = withMaskedErrors(result, mask);
      reportRefused(reported, { caller, work }, () => namesIn(params));
      return reported;
    };
    const refused = refusal ? { errors: [refusal] } : isSubscription ? subscriptionErrors(running) : undefined;
    if (isSubscription && !refused && isEventForm(form)) {
      return (response) =>
        withEvents(response, form, (report) => runSubscription(running, (result, id) => report(checked(result), id)));
    }
    const query = async () => refused ?? (await runQuery(running));
    // A subscription that cannot begin is one result: JSON for a client that accepts it.
    const resultForm = isSubscription ? (negotiate(accept, false) ?? form) : form;
    if (isEventForm(resultForm)) {
      return (response) =>
        withEvents(response, resultForm, async (report) => void (await report(checked(await query()))));
    }
    return async (response) => await answer(checked(await query()), resultForm, response);
  }

  async function answer(result: Result, form: ResponseForm, response: ServerResponse): Promise<void> {
    const headers = { 'content-type': `${form}; charset=utf-8` };
    if (typeof result === 'string') sendJsonText(response, 200, result, headers);
    else if (!result.errors) sendJson(response, 200, result, headers);
    else {
      // Yoga decides what errors mean for the status.
      const refusal = processRegularResult(result, fetchAPI, form);
      refusal.headers.set('cache-control', 'no-store');
      await sendNodeResponse(refusal, response, response.req, false);
    }
  }

  async function withEvents(
    response: ServerResponse,
    form: EventForm,
    run: (report: ToEvents) => Promise<void>,
  ): Promise<void> {
    const framing = framingOf(form);
    const events = createEventStream(response, { ...heartbeat, firstHeartbeatMs }, undefined, framing.events);
    const report: ToEvents = (result, id) =>
      events.write(framing.result(typeof result === 'string' ? result : JSON.stringify(result), id));
    try {
      try {
        await run(report);
      } catch (thrown) {
        await report({ errors: [mask(thrown)] });
      }
      await events.write(framing.end);
      events.end();
    } finally {
      events.stop();
    }
  }

  return (request: GraphQLRequest): Run | undefined => {
    try {
      if (request.method === 'POST') return prepare(request);
      return request.method === 'GET' ? prepare(withQueryAsBody(request), isResume) : undefined;
    } catch {
      return undefined;
    }
  };
}

/** The parameters of a GET request, as GraphQL over HTTP has them. */
function withQueryAsBody(request: GraphQLRequest): GraphQLRequest {
  const { searchParams } = new URL(request.url);
  const { query, operationName, variables = '{}', extensions = '{}' } = Object.fromEntries(searchParams);
  const parts = [`"variables":${variables}`, `"extensions":${extensions}`];
  if (query !== undefined) parts.push(`"query":${JSON.stringify(query)}`);
  if (operationName !== undefined) parts.push(`"operationName":${JSON.stringify(operationName)}`);
  return { ...request, body: `{${parts.join(',')}}` };
}

/** EventSource can only GET. Following a stream costs nothing, so a link of another site gains nothing by it. */
function isResume({ definition: { operation, selectionSet } }: Operation): boolean {
  const isFollowed = (selection: SelectionNode) =>
    selection.kind === Kind.FIELD && selection.name.value === 'resumeChatStream';
  return operation === OperationTypeNode.SUBSCRIPTION && selectionSet.selections.every(isFollowed);
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
