import { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { nonEmptyString, object, statusAmong, type WireObject } from '../read-json.ts';

/** HTTP 200 is no success: a whole answer may be a failed one, and a stream may fail at any time. */
export function throwIfFailed(provider: string, root: WireObject): void {
  const { type, status, error, code, message } = root;
  if (Array.isArray(root['choices'])) throw misplacedOption(provider);
  if (type === 'error' || isErrorBody(error) || (type === undefined && code !== undefined && message !== undefined)) {
    throw toFailureFromBody(provider, root);
  }
  if (type === 'response.failed' || type === 'response.cancelled') {
    throw toFailureFromBody(provider, object(root['response']), type);
  }
  if (type === undefined && (status === 'failed' || status === 'cancelled')) {
    throw toFailureFromBody(provider, root, `status ${status}`);
  }
}

function isErrorBody(error: unknown): boolean {
  return error !== undefined && error !== null && error !== '';
}

function toFailureFromBody(provider: string, errorBody: WireObject, without = 'an error'): GatewayError {
  const { error } = errorBody;
  if (!isErrorBody(error) && nonEmptyString(errorBody['message']) === undefined) {
    return new GatewayError('UPSTREAM_ERROR', `${provider} ended its answer with ${without}, without a reason.`);
  }
  const body = isErrorBody(error) && typeof error === 'object' ? { error } : errorBody;
  return toFailure(provider, { status: statusOf(object(error), errorBody), headers: {}, body: JSON.stringify(body) });
}

/** Streams have no status. Some send it as a code; an error called invalid would have been a 400. */
function statusOf(error: WireObject, root: WireObject): number {
  const codes = [error['code'], error['status'], root['code']];
  const errorBody = statusAmong(codes);
  if (errorBody !== undefined) return errorBody;
  return [...codes, error['type']].some((one) => rejected.test(nonEmptyString(one) ?? '')) ? 400 : 200;
}

const rejected = /^(invalid|unknown_parameter|missing_required|unsupported|string_above|integer_below)/;

/** The form of Chat Completions: the server speaks another API. */
function misplacedOption(provider: string): GatewayError {
  const message = `${provider} responded in the form of Chat Completions. Set "api: chat-completions" for it, or check its base URL.`;
  return new GatewayError('UPSTREAM_MALFORMED', message, { retryable: false });
}
