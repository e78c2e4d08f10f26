import type { OutgoingHttpHeaders } from 'node:http';

/** A request that the server refuses before an operation begins. Its face decides how the error looks. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** From a list of ours: it is a label in logs and metrics. */
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
