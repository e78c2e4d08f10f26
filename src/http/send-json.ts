import type { ServerResponse } from 'node:http';
import type { HeaderFields } from './headers.ts';

/** Answers are personal and paid: no cache keeps them. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: HeaderFields = {}): void {
  sendJsonText(response, status, JSON.stringify(body), headers);
}

/** The same for text that is JSON already. */
export function sendJsonText(response: ServerResponse, status: number, text: string, headers: HeaderFields = {}): void {
  // The client disconnected.
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  // As a string, not as bytes: Node writes it together with the head.
  response.end(text);
}
