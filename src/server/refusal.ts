import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** A refusal of the outer listener itself: nothing was asked. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Answers with a refusal, in the form of the errors of the face that was asked. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  // What is left of a body that nobody will read ends with its connection.
  if (!request.complete) response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(refusal.headers)) if (value !== undefined) response.setHeader(name, value);
  sendJson(response, refusal.status, isRestPath(request.url ?? '') ? toRestError(refusal) : toGraphQLError(refusal));
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
  });
  response.end(bytes);
}

/** Where clients of OpenAI's REST interface look. */
function isRestPath(target: string): boolean {
  return /^\/(models|v1|v1\/[^?]*)(\?|$)/.test(target);
}

function toGraphQLError({ code, message }: Refusal): object {
  return { errors: [{ message, extensions: { code } }] };
}

function toRestError({ status, code, message }: Refusal): object {
  return { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code } };
}
