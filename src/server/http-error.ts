import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { sendJson } from '../http/send-json.ts';
import { toRefusalBody } from '../rest/errors.ts';
import { isRestPath } from '../rest/handler.ts';

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
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  sendJson(response, refusal.status, toBody(refusal, isRestPath(path)));
}

function toBody({ status, code, message }: Refusal, isRest: boolean): object {
  return isRest ? toRefusalBody(status, code, message) : { errors: [{ message, extensions: { code } }] };
}
