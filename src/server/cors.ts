import type { IncomingMessage, ServerResponse } from 'node:http';

const allowed = [
  'authorization',
  'content-type',
  'accept',
  'x-api-key',
  'api-key',
  'last-event-id',
  'x-graphql-event-stream-token',
];
/** What SDKs and chat clients send besides. Without them in the list they could not be used in a browser. */
const ofClients: ReadonlySet<string> = new Set([
  ...['user-agent', 'http-referer', 'x-title', 'x-request-id', 'idempotency-key', 'traceparent', 'tracestate'],
  ...['openai-organization', 'openai-project', 'openai-beta', 'dangerously-allow-browser'],
  ...['anthropic-version', 'anthropic-beta', 'anthropic-dangerous-direct-browser-access'],
]);
/** OpenAI's and Anthropic's SDKs describe their platform in these. */
const ofSdk = /^x-stainless-[a-z-]{1,40}$/;

/** Response headers that scripts may read. */
const exposed = [
  'www-authenticate',
  ...['retry-after', 'retry-after-ms', 'x-should-retry', 'x-request-id'],
  ...['limit', 'remaining', 'reset'].map((name) => `ratelimit-${name}`),
  ...['provider', 'model', 'sandbox', 'warnings', 'attempts', 'latency-ms', 'stream-id'].map(
    (name) => `x-parley-${name}`,
  ),
].join(', ');

/**
 * Lets scripts of listed origins send requests and read responses. Never with credentials: callers authenticate by a
 * header that only a script can set, so no other page can make a browser send a request in a user's name.
 */
export function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): boolean {
  if (origins.length === 0) return false;
  response.setHeader('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', exposed);
  return true;
}

/** The preflight request of a browser, which never carries a key. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers']?.split(',').map((name) => name.trim()) ?? [];
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-allow-headers': [
        ...allowed,
        ...asked.filter((name) => ofClients.has(name.toLowerCase()) || ofSdk.test(name.toLowerCase())),
      ].join(', '),
      'access-control-max-age': '600',
    })
    .end();
}
