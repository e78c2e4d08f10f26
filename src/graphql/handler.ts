import { GraphQLError } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import { parse } from 'secure-json-parse';
import type { Caller } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import type { TraceHeaders } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { UsageReader } from '../core/usage.ts';
import type { Context } from './builder.ts';
import { examples } from './examples.ts';
import { createGate } from './gate.ts';
import { type DocumentLimits, documentRules, isSizeRefusal, maxTokens } from './guards.ts';
import { createErrorMask, withoutValues } from './mask.ts';
import { type Manifest, withDocument, withPlainIds } from './persisted.ts';
import { schema } from './schema.ts';

export type GraphQLOptions = {
  readonly gateway: Gateway;
  readonly usage: UsageReader;
  readonly graphiql: boolean;
  readonly limits: DocumentLimits & { readonly maxComplexity: number };
  /** Whether everybody may ask for the schema, and is told what a misspelt field may have meant. */
  readonly introspection: boolean;
  readonly manifest: Manifest;
  readonly log: Log;
};

export type GraphQLRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty for GET. */
  readonly body: string;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly trace: TraceHeaders;
};

/** The one place that knows Yoga. Who may ask, and how much a body may hold, is decided before it. */
export function createGraphQLHandler(options: GraphQLOptions) {
  const { gateway, usage, graphiql, limits, introspection, manifest, log } = options;
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ caller, signal, trace }) => ({ gateway, usage, caller, signal, trace }),
    plugins: [
      readParameters(manifest),
      documentLimits(limits, introspection),
      createGate({ gateway, introspection, maxComplexity: limits.maxComplexity }),
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
    maskedErrors: { maskError: createErrorMask(log, introspection), isDev: false },
    // Its messages quote what they refuse. Defects reach the log through the mask, and nothing else is news.
    logging: false,
    // Its default matches any URL that ends in "/health"; ours are answered before Yoga. No URL ends like this.
    healthCheckEndpoint: '#',
    cors: false,
    landingPage: false,
    multipart: false,
    batching: false,
  });

  return async ({ method, url, headers, body, caller, signal, trace }: GraphQLRequest): Promise<Response> => {
    const request = new yoga.fetchAPI.Request(url, {
      method,
      headers: headers as Record<string, string>,
      signal,
    });
    return await yoga.handle(request, { body, caller, signal, trace });
  };
}

/** What Yoga passes through for us. */
type ServerContext = Pick<GraphQLRequest, 'body' | 'caller' | 'signal' | 'trace'>;

/** The body is here already, read and capped. Yoga's own parser would quote a broken one in its error. */
function readParameters(manifest: Manifest): Plugin<object, ServerContext> {
  const documents = withPlainIds(manifest);
  return {
    onRequestParse: ({ serverContext: { body, caller }, setRequestParser }) => {
      // Yoga looks at what comes out: it may be anything.
      setRequestParser(() => withDocument(parseBody(body), caller, documents) as GraphQLParams);
    },
  };
}

function parseBody(body: string): unknown {
  try {
    return parse(body, undefined, { protoAction: 'remove', constructorAction: 'remove' });
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
        setResult((refusals.length > 0 ? refusals : errors).map((error) => withoutValues(error, { hints })));
      };
    },
  };
}

/** Answers are personal and paid: no cache keeps them, and no proxy holds a stream back. */
const responseHeaders: Plugin = {
  onResponse: ({ response, setResponse, fetchAPI }) => {
    if (response.status === 406) {
      const message = 'A subscription is answered as text/event-stream: accept that.';
      const body = JSON.stringify({ errors: [{ message, extensions: { code: 'NOT_ACCEPTABLE' } }] });
      const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
      setResponse(new fetchAPI.Response(body, { status: 406, headers }));
      return;
    }
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    response.headers.delete('cache-control');
    response.headers.set('cache-control', isStream ? 'no-store, no-transform' : 'no-store');
    if (!isStream) return;
    response.headers.set('x-accel-buffering', 'no');
    // Yoga says "none" here, which is no coding; no-transform says what is meant.
    response.headers.delete('content-encoding');
    // Nor is it Yoga's to say whether the connection goes on: a caller may have asked to close it (RFC 9112 §9.6).
    response.headers.delete('connection');
  },
};
