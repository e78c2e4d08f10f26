import type { ServerResponse } from 'node:http';
import { sendNodeResponse } from '@whatwg-node/server';
import { type ExecutionResult, type GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { isAsyncIterable, processRegularResult, type YogaServerInstance } from 'graphql-yoga';
import { createEventStream, type EventStreamSettings } from '../http/event-stream.ts';
import { sendJson } from '../http/send-json.ts';
import { type Form, formOf } from './accept.ts';
import type { Context } from './builder.ts';
import type { GraphQLRequest } from './handler.ts';
import type { TellRefusal } from './refusals.ts';
import type { WrittenResult } from './subscribe.ts';

export type DirectWayParts = {
  readonly yoga: YogaServerInstance<ServerContext, Context>;
  /** Throws for a body that is refused. */
  readonly readParameters: (context: ServerContext) => unknown;
  /** Says what a caller may be told of what was thrown. */
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly tellRefusal: TellRefusal;
  readonly beats: EventStreamSettings;
};

/** What Yoga passes through for us. */
export type ServerContext = Pick<GraphQLRequest, 'body' | 'caller' | 'signal' | 'trace'>;

type Parameters = {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
};

type Result = WrittenResult | AsyncIterable<WrittenResult>;

/** Runs an operation and writes its answer. */
export type Run = (response: ServerResponse) => Promise<void>;

/** Some browsers wait for the first bytes before they say that a response is there. A moment later they may come with the first event. */
const firstBeatMs = 10;

/**
 * The way of nearly all requests: Yoga's engine with all its plugins, without the Request and Response of the web around it,
 * which take longer than all the rest. Whatever has something wrong with it is not for this way: nothing is run then, and Yoga
 * says what is wrong.
 */
export function createDirectWay({ yoga, readParameters, mask, tellRefusal, beats }: DirectWayParts) {
  function prepare({ headers, body, caller, signal, trace }: GraphQLRequest): Run | undefined {
    const context = { body, caller, signal, trace };
    const params = readParameters(context);
    if (!isSound(params)) return undefined;
    const { query, variables: variableValues, operationName } = params;
    const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped(context);
    const document = parse(query);
    if (validate(schema, document).length > 0) return undefined;
    const operation = getOperationAST(document, operationName);
    const isSubscription = operation?.operation === OperationTypeNode.SUBSCRIPTION;
    const form = operation && formOf(oneOf(headers['accept']), isSubscription);
    if (!form) return undefined;
    const start = async (): Promise<Result> => {
      const args = { schema, document, contextValue: await contextFactory(), variableValues, operationName };
      const result: Result = await (isSubscription ? subscribe(args) : execute(args));
      tellRefusal(result, context);
      return result;
    };
    return (response) => (form === 'text/event-stream' ? tell(start, response) : answer(start, form, response));
  }

  async function answer(start: () => Promise<Result>, form: Form, response: ServerResponse): Promise<void> {
    const result = (await start()) as ExecutionResult;
    if (!result.errors) return sendJson(response, 200, result, { 'content-type': `${form}; charset=utf-8` });
    // What errors mean for the status is Yoga's to say.
    const refusal = processRegularResult(result, yoga.fetchAPI, form);
    refusal.headers.set('cache-control', 'no-store');
    await sendNodeResponse(refusal, response, response.req, false);
  }

  /** In the words of the protocol "GraphQL over SSE", distinct connections. */
  async function tell(start: () => Promise<Result>, response: ServerResponse): Promise<void> {
    const events = createEventStream(response, { ...beats, firstBeatMs });
    const next = (result: WrittenResult) => events.write(`event: next\ndata: ${toText(result)}\n\n`);
    try {
      try {
        const result = await start();
        if (isAsyncIterable(result)) for await (const each of result) await next(each);
        else await next(result);
      } catch (thrown) {
        await next({ errors: [mask(thrown)] });
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

/** Yoga reads `stringify` in the same way. */
function toText(result: WrittenResult): string {
  return result.stringify?.() ?? JSON.stringify(result);
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

const expected: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

function isSound(params: unknown): params is Parameters {
  if (!isObject(params) || !Object.keys(params).every((name) => expected.has(name))) return false;
  const { query, variables, operationName, extensions } = params;
  return (
    typeof query === 'string' &&
    (typeof operationName === 'string' || isNothing(operationName)) &&
    (isObject(variables) || isNothing(variables)) &&
    (isObject(extensions) || isNothing(extensions))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
