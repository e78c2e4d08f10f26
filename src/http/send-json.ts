import type { ServerResponse } from 'node:http';
import type { HeaderFields } from './headers.ts';

/** Answers are personal and paid: no cache keeps them. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: HeaderFields = {}): void {
  // Whoever left reads nothing.
  if (response.destroyed) return;
  // As a text, not as bytes: Node writes it in one piece with the head.
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}
