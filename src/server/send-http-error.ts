import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Face } from '../http/face.ts';
import type { HttpError } from '../http/http-error.ts';

/** Refuses a request in the form of the face that it was meant for. */
export function sendHttpError(
  request: IncomingMessage,
  response: ServerResponse,
  error: HttpError,
  refuse: Face['refuse'],
): void {
  // The rest of a body that is not read ends with its connection.
  if (!request.complete) response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(error.headers)) if (value !== undefined) response.setHeader(name, value);
  refuse(error, response);
}
