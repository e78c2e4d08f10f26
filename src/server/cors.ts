import type { IncomingMessage, ServerResponse } from 'node:http';

const allowed = ['authorization', 'content-type', 'accept', 'x-api-key'];
/** OpenAI's SDK tells in these where it runs. They mean nothing here, but without them it could not ask from a page. */
const ofOpenAiSdk = /^x-stainless-[a-z-]{1,40}$/;

/** What a script may read of an answer's head. */
const exposed = [
  'www-authenticate',
  ...['retry-after', 'retry-after-ms', 'x-should-retry'],
  ...['limit', 'remaining', 'reset'].map((name) => `ratelimit-${name}`),
  ...['provider', 'model', 'sandbox', 'warnings', 'attempts', 'latency-ms'].map((name) => `x-parley-${name}`),
].join(', ');

/**
 * Lets the scripts of listed pages send requests and read the answers. Never with credentials: callers say who they are by
 * a header that only a script can set, so no other page can make a browser ask in somebody's name.
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

/** The question a browser asks in front of a request, which never carries a key. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers']?.split(',').map((name) => name.trim()) ?? [];
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': [...allowed, ...asked.filter((name) => ofOpenAiSdk.test(name))].join(', '),
      'access-control-max-age': '600',
    })
    .end();
}
