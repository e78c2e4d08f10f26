import { sendNodeResponse } from '@whatwg-node/server';
import { execute, GraphQLError, type GraphQLSchema, subscribe } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { toAbortSignal } from '../core/abort.ts';
import type { Context } from './builder.ts';
import { type DocumentLimits, documentRules, isSizeRefusal, maxTokens } from './document-limits.ts';
import { withoutQuotedValues } from './error-masking.ts';
import { type OperationGuard, withOperationGuard } from './operation-guard.ts';
import { type ReportRefused, withRefusedReported } from './report-refused.ts';
import type { GraphQLHandler, ServerContext } from './request.ts';
import type { ReadParameters } from './request-parameters.ts';

export type YogaPathParts = {
  readonly schema: GraphQLSchema;
  readonly services: Pick<Context, 'gateway' | 'usage'>;
  readonly limits: DocumentLimits;
  /** Whether validation errors suggest names of the schema. */
  readonly hints: boolean;
  readonly readParameters: ReadParameters;
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly guard: OperationGuard;
  readonly reportRefused: ReportRefused;
};

export type YogaPath = {
  readonly handle: GraphQLHandler;
  readonly fetchAPI: YogaServerInstance<ServerContext, Context>['fetchAPI'];
};

/**
 * The general path: graphql-yoga with its HTTP layer. It serves every request that the fast path does not take: documents that do not parse or validate, unknown parameters, an Accept header that neither form satisfies. Limits,
 * masking, reports and introspection are the functions that the fast path uses.
 */
export function createYogaPath(parts: YogaPathParts): YogaPath {
  const { schema, services, limits, hints, readParameters, mask, guard, reportRefused } = parts;
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ caller, signal, trace, work }) => ({ ...services, caller, signal, trace, work }),
    plugins: [
      engine,
      parameters(readParameters),
      documentLimits(limits, hints),
      withOperationGuard(guard),
      withRefusedReported(reportRefused),
      responseHeaders,
    ],
    // Served by graphiql-page.ts, with headers of its own.
    graphiql: false,
    maskedErrors: { maskError: mask, isDev: false },
    // Yoga's log messages quote what they refuse. The mask logs defects.
    logging: false,
    // Yoga's default matches any URL that ends in "/health"; health checks are answered before Yoga. No URL ends in "#".
    healthCheckEndpoint: '#',
    cors: false,
    landingPage: false,
    multipart: false,
    batching: false,
    // Few documents that come this way are valid, and Yoga's cache would throw errors that no plugin has masked.
    parserAndValidationCache: false,
  });
  return {
    fetchAPI: yoga.fetchAPI,
    async handle({ method, url, headers, ...context }, response) {
      const request = new yoga.fetchAPI.Request(url, {
        method,
        headers: headers as Record<string, string>,
        signal: toAbortSignal(context.signal),
      });
      await sendNodeResponse(await yoga.handle(request, context), response, response.req, true);
    },
  };
}

/** graphql-js executes operations, as on the fast path. */
const engine: Plugin = {
  onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
};

/** The body is read and bounded already. Yoga's own parser would quote a broken one in its error. */
function parameters(read: ReadParameters): Plugin<object, ServerContext> {
  return {
    onRequestParse: ({ serverContext, setRequestParser }) => {
      // Yoga checks the shape of the result.
      setRequestParser(() => read(serverContext) as GraphQLParams);
    },
  };
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
        const refused = errors.filter(isSizeRefusal);
        setResult((refused.length > 0 ? refused : errors).map((error) => withoutQuotedValues(error, { hints })));
      };
    },
  };
}

/** Answers are personal and paid: no cache keeps them, and no proxy buffers a stream. */
const responseHeaders: Plugin = {
  onResponse: ({ response, setResponse, fetchAPI }) => {
    if (response.status === 406) {
      const message =
        'Accept application/json for queries, text/event-stream or multipart/mixed;subscriptionSpec=1.0 for subscriptions: the Accept header allows none.';
      const body = JSON.stringify({ errors: [{ message, extensions: { code: 'NOT_ACCEPTABLE' } }] });
      const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
      setResponse(new fetchAPI.Response(body, { status: 406, headers }));
      return;
    }
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    response.headers.delete('cache-control');
    // Keep-alive is decided by Node: a client may have asked to close the connection (RFC 9112 §9.6).
    response.headers.delete('connection');
    response.headers.set('cache-control', isStream ? 'no-store, no-transform' : 'no-store');
    if (!isStream) return;
    response.headers.set('content-type', 'text/event-stream; charset=utf-8');
    response.headers.set('x-accel-buffering', 'no');
    // Yoga sets "none", which is no coding; no-transform says what is meant.
    response.headers.delete('content-encoding');
  },
};
