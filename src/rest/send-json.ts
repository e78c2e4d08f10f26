import type { ServerResponse } from 'node:http';
import type { HeaderFields } from './extras.ts';

/** Answers are personal and paid: no cache keeps them. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: HeaderFields = {}): void {
  // Whoever left reads nothing.
  if (response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(bytes);
}
