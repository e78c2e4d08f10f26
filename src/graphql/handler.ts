import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Gateway } from '../core/gateway.ts';
import type { Log } from '../core/ports.ts';
import type { Context } from './builder.ts';
import { examples } from './examples.ts';
import { limitPaidFields } from './guards.ts';
import { createErrorMask } from './mask.ts';
import { schema } from './schema.ts';

export type GraphQLOptions = {
  readonly gateway: Gateway;
  readonly graphiql: boolean;
  readonly maxPaidFields: number;
  readonly log: Log;
};

export type GraphQLRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
};

/** The one place that knows Yoga. Who may ask, and how much a body may hold, is decided before it. */
export function createGraphQLHandler({ gateway, graphiql, maxPaidFields, log }: GraphQLOptions) {
  const yoga = createYoga<Pick<Context, 'signal'>, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ signal }) => ({ gateway, signal }),
    plugins: [limits(maxPaidFields), responseHeaders],
    graphiql: graphiql && { title: 'Parley', defaultTabs: examples, subscriptionsProtocol: 'GRAPHQL_SSE' },
    renderGraphiQL,
    maskedErrors: { maskError: createErrorMask(log), isDev: false },
    logging: { debug: () => {}, info: () => {}, warn: report('warn'), error: report('error') },
    // Its default matches any URL that ends in "/health"; ours are answered before Yoga. No URL ends like this.
    healthCheckEndpoint: '#',
    // The body is read and capped before; twice would halve the throughput.
    maxRequestBodySize: false,
    cors: false,
    landingPage: false,
    multipart: false,
    batching: false,
  });

  function report(level: 'warn' | 'error') {
    return (...args: unknown[]) => {
      const err = args.find((arg) => arg instanceof Error);
      log[level]({ err }, 'GraphQL');
    };
  }

  return async ({ method, url, headers, body, signal }: GraphQLRequest): Promise<Response> => {
    const request = new yoga.fetchAPI.Request(url, {
      method,
      headers: headers as Record<string, string>,
      ...(body !== undefined && { body }),
      signal,
    });
    return await yoga.handle(request, { signal });
  };
}

/** Far more than a document for this schema needs; a flood of tokens is refused while it is read. */
const maxTokens = 1_000;

function limits(maxPaidFields: number): Plugin {
  const rule = limitPaidFields(maxPaidFields);
  return {
    onParse: ({ parseFn, setParseFn }) => {
      setParseFn((source: string, options?: object) => parseFn(source, { ...options, maxTokens }));
    },
    onValidate: ({ addValidationRule }) => addValidationRule(rule),
  };
}

/** Answers are personal and paid: no cache keeps them, and no proxy holds a stream back. */
const responseHeaders: Plugin = {
  onResponse: ({ response }) => {
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    response.headers.set('cache-control', isStream ? 'no-store, no-transform' : 'no-store');
    if (isStream) response.headers.set('x-accel-buffering', 'no');
  },
};
