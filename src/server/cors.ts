import type { IncomingMessage, ServerResponse } from 'node:http';

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
  response.setHeader('access-control-expose-headers', 'retry-after, www-authenticate');
  return true;
}

/** The question a browser asks in front of a request, which never carries a key. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

export function answerPreflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, accept, x-api-key',
      'access-control-max-age': '600',
    })
    .end();
}
