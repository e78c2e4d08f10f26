import { randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { PageHandler } from '../http/face.ts';
import { examples } from './examples.ts';

/**
 * GraphiQL at `/graphql`, for browsers that ask for HTML. It may not be framed, and a query in its address prefills it only
 * where the navigation began on the same origin or with the user: one click in a prepared editor spends money.
 */
export function createGraphiqlPage(): PageHandler {
  return async (path, request, response) => {
    const { method, headers } = request;
    if (path !== '/graphql' || method !== 'GET' || !(headers.accept ?? '').includes('text/html')) return false;
    if (isPrefilledFromElsewhere(request)) {
      response.writeHead(303, { location: '/graphql', 'cache-control': 'no-store' }).end();
      return true;
    }
    // Nine megabytes, loaded with the first visit.
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    const nonce = randomBytes(16).toString('base64');
    const page = renderGraphiQL({
      title: 'Parley',
      endpoint: '/graphql',
      defaultTabs: examples,
      subscriptionsProtocol: 'GRAPHQL_SSE',
      method: 'POST',
      // A key that is typed into the headers must not stay in the browser's storage.
      shouldPersistHeaders: false,
    });
    const body = Buffer.from(withNonce(page, nonce));
    response.writeHead(200, { ...pageHeaders(nonce), 'content-length': body.length }).end(body);
    return true;
  };
}

/** Marks every script element; scripts hold the text of such elements too. */
function withNonce(html: string, nonce: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = html.indexOf('<script'); at !== -1; at = html.indexOf('<script', from)) {
    const end = html.indexOf('</script>', at);
    const next = end === -1 ? html.length : end;
    parts.push(html.slice(from, at), `<script nonce="${nonce}"`, html.slice(at + '<script'.length, next));
    from = next;
  }
  return parts.join('') + html.slice(from);
}

/** Sec-Fetch-Site (Fetch Metadata): "none" is a bookmark or a typed address. Browsers without it are taken for another site. */
function isPrefilledFromElsewhere({ url = '', headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return url.includes('?') && site !== 'same-origin' && site !== 'none';
}

function pageHeaders(nonce: string): OutgoingHttpHeaders {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic' 'unsafe-eval'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
