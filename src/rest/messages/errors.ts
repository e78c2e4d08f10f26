import type { Failure } from '../../core/completion.ts';
import { statusOf, toErrorBody } from '../errors.ts';
import type { FieldNames } from '../field-names.ts';

/** Anthropic's error object. `x_parley` holds what it has no field for. */
export type MessagesError = {
  readonly type: 'error';
  readonly error: {
    readonly type: string;
    readonly message: string;
    /** Anthropic's own code, where its SDKs act on it. */
    readonly details?: { readonly error_code: string };
    readonly x_parley?: object;
  };
  readonly request_id: string | null;
};

/** Anthropic's status for "try again later" is its own. */
const overloadedStatus = 529;
const overloaded: ReadonlySet<string> = new Set(['OVERLOADED', 'UPSTREAM_OVERLOADED', 'SHUTTING_DOWN']);

export function toMessagesStatus({ error: { code } }: Failure): number {
  return overloaded.has(code) ? overloadedStatus : statusOf[code];
}

export function toMessagesError(failure: Failure, fieldNames: FieldNames, id: string): MessagesError {
  const { message, x_parley } = toErrorBody(failure, fieldNames).error;
  const told = toError(toMessagesStatus(failure), message, id, x_parley);
  const isThread = failure.error.issues.some(({ path }) => path === 'thread');
  return isThread ? { ...told, error: { ...told.error, details: noThreads } } : told;
}

/** Anthropic's SDK then goes on with the whole conversation in each request. */
const noThreads = { error_code: 'thread_unsupported_request', unsupported: [] } as const;

/** An error of the server, before an operation began. */
export function toError(status: number, message: string, id: string | null, extras?: object): MessagesError {
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message, ...(extras && { x_parley: extras }) }, request_id: id };
}

/** Anthropic's error types by status; SDKs of typed languages know no others. */
const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};
