import type { ServerResponse } from 'node:http';
import { sendNodeResponse } from '@whatwg-node/server';
import { execute, GraphQLError, subscribe } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import { type AbortSignalLike, toAbortSignal } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import { parseJson } from '../core/json.ts';
import type { Observer, TraceHeaders } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { UsageReader } from '../core/usage.ts';
import type { EventStreamSettings } from '../http/event-stream.ts';
import type { Context } from './builder.ts';
import { createDocumentCache } from './document-cache.ts';
import { type DocumentLimits, documentRules, isSizeRefusal, maxTokens } from './document-limits.ts';
import { createErrorMask, withoutQuotedValues } from './error-masking.ts';
import { examples } from './examples.ts';
import { createFastPath, type ServerContext } from './fast-path.ts';
import { createOperationGuard, withOperationGuard } from './operation-guard.ts';
import { type Manifest, withDocument, withPlainIds } from './persisted.ts';
import { createRefusedReporter, withRefusedReported } from './report-refused.ts';
import { schema } from './schema.ts';

export type GraphQLOptions = {
  readonly gateway: Gateway;
  readonly usage: UsageReader;
  readonly onRefused: Observer['refused'];
  readonly graphiql: boolean;
  readonly limits: DocumentLimits & { readonly maxComplexity: number };
  /** Whether everybody may ask for the schema, and is told what a misspelt field may have meant. */
  readonly introspection: boolean;
  readonly manifest: Manifest;
  readonly heartbeat: EventStreamSettings;
  readonly log: Log;
};

export type GraphQLRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty for GET. */
  readonly body: string;
  readonly caller: Caller;
  readonly signal: AbortSignalLike;
  readonly trace: TraceHeaders;
};

/** Answers a request. It writes straight to the response: a reader who stops stops the provider. */
export type GraphQLHandler = (request: GraphQLRequest, response: ServerResponse) => Promise<void>;

/** The one place that makes Yoga what it is. Who may ask, and how much a body may hold, is decided before it. */
export function createGraphQLHandler(options: GraphQLOptions): GraphQLHandler {
  const { gateway, usage, onRefused, graphiql, limits, introspection, manifest, heartbeat, log } = options;
  const readParameters = createParametersReader(manifest);
  const mask = createErrorMask(log, introspection);
  const reportRefused = createRefusedReporter(onRefused);
  const guard = createOperationGuard({ gateway, introspection, maxComplexity: limits.maxComplexity });
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ caller, signal, trace }) => ({ gateway, usage, caller, signal, trace }),
    plugins: [
      engine,
      parameters(readParameters),
      documentLimits(limits, introspection),
      withOperationGuard(guard),
      withRefusedReported(reportRefused),
      responseHeaders,
    ],
    graphiql: graphiql && {
      title: 'Parley',
      defaultTabs: examples,
      subscriptionsProtocol: 'GRAPHQL_SSE',
      method: 'POST',
      // A key that is typed in there is not to stay in the browser.
      shouldPersistHeaders: false,
    },
    // Nine megabytes, for whoever opens the page.
    renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
    maskedErrors: { maskError: mask, isDev: false },
    // Its messages quote what they refuse. Defects reach the log through the mask, and nothing else is news.
    logging: false,
    // Its default matches any URL that ends in "/health"; ours are answered before Yoga. No URL ends like this.
    healthCheckEndpoint: '#',
    cors: false,
    landingPage: false,
    multipart: false,
    batching: false,
    // Hardly a document comes this way that will be run, and from the cache it would throw what no plugin has seen.
    parserAndValidationCache: false,
  });

  const prepare = createFastPath({
    services: { gateway, usage },
    documents: createDocumentCache(schema, documentRules(limits)),
    guard,
    readParameters,
    mask,
    reportRefused,
    yoga,
    heartbeat,
  });

  async function askYoga(
    { method, url, headers, ...context }: GraphQLRequest,
    response: ServerResponse,
  ): Promise<void> {
    const request = new yoga.fetchAPI.Request(url, {
      method,
      headers: headers as Record<string, string>,
      signal: toAbortSignal(context.signal),
    });
    await sendNodeResponse(await yoga.handle(request, context), response, response.req, true);
  }

  return (request, response) => {
    const run = prepare(request);
    return run ? run(response) : askYoga(request, response);
  };
}

/** graphql-js runs operations here as it does on the direct way. */
const engine: Plugin = {
  onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
};

type ReadParameters = (context: ServerContext) => unknown;

function createParametersReader(manifest: Manifest): ReadParameters {
  const documents = withPlainIds(manifest);
  return ({ body, caller }) => withDocument(parseBody(body), caller, documents);
}

/** The body is here already, read and capped. Yoga's own parser would quote a broken one in its error. */
function parameters(read: ReadParameters): Plugin<object, ServerContext> {
  return {
    onRequestParse: ({ serverContext, setRequestParser }) => {
      // Yoga looks at what comes out: it may be anything.
      setRequestParser(() => read(serverContext) as GraphQLParams);
    },
  };
}

function parseBody(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    throw new GraphQLError('The body is not valid JSON.', {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    });
  }
}

function documentLimits(limits: DocumentLimits, hints: boolean): Plugin {
  const rules = documentRules(limits);
  return {
    onParse: ({ parseFn, setParseFn }) => {
      setParseFn((source: string, options?: object) => parseFn(source, { ...options, maxTokens }));
    },
    onValidate: ({ addValidationRule }) => {
      for (const rule of rules) addValidationRule(rule);
      return ({ valid, result, setResult }) => {
        if (valid) return;
        const errors = result.filter((error) => error instanceof GraphQLError);
        const refusals = errors.filter(isSizeRefusal);
        setResult((refusals.length > 0 ? refusals : errors).map((error) => withoutQuotedValues(error, { hints })));
      };
    },
  };
}

/** Answers are personal and paid: no cache keeps them, and no proxy holds a stream back. */
const responseHeaders: Plugin = {
  onResponse: ({ response, setResponse, fetchAPI }) => {
    if (response.status === 406) {
      const message =
        'Queries are answered as application/json, subscriptions as text/event-stream: accept what you ask for.';
      const body = JSON.stringify({ errors: [{ message, extensions: { code: 'NOT_ACCEPTABLE' } }] });
      const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
      setResponse(new fetchAPI.Response(body, { status: 406, headers }));
      return;
    }
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    response.headers.delete('cache-control');
    // Whether the connection goes on is not Yoga's to say: a caller may have asked to close it (RFC 9112 §9.6).
    response.headers.delete('connection');
    response.headers.set('cache-control', isStream ? 'no-store, no-transform' : 'no-store');
    if (!isStream) return;
    response.headers.set('x-accel-buffering', 'no');
    // Yoga says "none" here, which is no coding; no-transform says what is meant.
    response.headers.delete('content-encoding');
  },
};
