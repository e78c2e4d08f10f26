import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { sendJson } from '../http/send-json.ts';
import { toHttpErrorBody } from '../rest/errors.ts';
import { isRestPath } from '../rest/handler.ts';

/** A refusal of the outer listener itself: nothing was asked. */
export class HttpError extends Error {
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
export function sendHttpError(request: IncomingMessage, response: ServerResponse, error: HttpError): void {
  // What is left of a body that nobody will read ends with its connection.
  if (!request.complete) response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(error.headers)) if (value !== undefined) response.setHeader(name, value);
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  sendJson(response, error.status, toBody(error, isRestPath(path)));
}

function toBody({ status, code, message }: HttpError, isRest: boolean): object {
  return isRest ? toHttpErrorBody(status, code, message) : { errors: [{ message, extensions: { code } }] };
}
