import { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { record, statusAmong, type Wire, word } from '../read-json.ts';

/** HTTP 200 is no success: a whole answer may be a failed one, and a stream may end with one at any time. */
export function throwIfFailed(provider: string, root: Wire): void {
  const { type, status, error, code, message } = root;
  if (Array.isArray(root['choices'])) throw misplaced(provider);
  if (type === 'error' || isTold(error) || (type === undefined && code !== undefined && message !== undefined)) {
    throw toToldFailure(provider, root);
  }
  if (type === 'response.failed' || type === 'response.cancelled') {
    throw toToldFailure(provider, record(root['response']), type);
  }
  if (type === undefined && (status === 'failed' || status === 'cancelled')) {
    throw toToldFailure(provider, root, `status ${status}`);
  }
}

function isTold(error: unknown): boolean {
  return error !== undefined && error !== null && error !== '';
}

function toToldFailure(provider: string, told: Wire, without = 'an error'): GatewayError {
  const { error } = told;
  if (!isTold(error) && word(told['message']) === undefined) {
    return new GatewayError('UPSTREAM_ERROR', `${provider} ended its answer with ${without}, and said no more.`);
  }
  const body = isTold(error) && typeof error === 'object' ? { error } : told;
  return toFailure(provider, { status: statusOf(record(error), told), headers: {}, body: JSON.stringify(body) });
}

/** There is none in a stream. Some tell it as a code; what is called invalid would have been a 400. */
function statusOf(error: Wire, root: Wire): number {
  const codes = [error['code'], error['status'], root['code']];
  const told = statusAmong(codes);
  if (told !== undefined) return told;
  return [...codes, error['type']].some((one) => rejected.test(word(one) ?? '')) ? 400 : 200;
}

const rejected = /^(invalid|unknown_parameter|missing_required|unsupported|string_above|integer_below)/;

/** The form of Chat Completions: whatever stands there speaks another wire. */
function misplaced(provider: string): GatewayError {
  const message = `${provider} answered in the form of Chat Completions: set "api: chat-completions" for it, or check its base URL.`;
  return new GatewayError('UPSTREAM_MALFORMED', message, { retryable: false });
}
