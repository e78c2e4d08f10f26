import type { UpstreamFailure } from '../../core/adapter.ts';
import { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { nonEmptyString, object, type WireObject } from '../read-json.ts';
import { redact } from '../redact.ts';

/** The sentence stands at the beginning of the body. */
const maxReadChars = 2_000;

export function decodeFailure(failure: UpstreamFailure): GatewayError {
  const { status } = failure;
  // "This error is returned when a request or response contains a deny-listed token": a word, not a key.
  if (status === 498) {
    return new GatewayError('CONTENT_FILTERED', 'cohere blocked the prompt or the answer (HTTP 498).', { status });
  }
  const body = toFailure('cohere', failure);
  // "Request cancelled" by the provider: this gateway would not read on.
  if (status === 499) return new GatewayError('UPSTREAM_ERROR', body.message, { status });
  if (body.code !== 'UPSTREAM_RATE_LIMITED') return body;
  // "You are using a Trial key, which is limited to 1000 API calls / month": no wait within a request helps.
  const isSpent = /(\/|per)\s{0,4}month/i.test(failure.body.slice(0, maxReadChars));
  return new GatewayError(body.code, body.message, {
    status,
    retryable: !isSpent,
    retryAfterMs: body.retryAfterMs ?? (isSpent ? undefined : untilReset(failure.headers)),
  });
}

/** `X-RateLimit-Reset` is a Unix time by the provider's clock. A time in the past says nothing. */
function untilReset(headers: UpstreamFailure['headers']): number | undefined {
  const [reset] = [headers['x-ratelimit-reset']].flat();
  const [date] = [headers['date']].flat();
  const wait = Number.parseFloat(reset ?? '') * 1000 - Date.parse(date ?? '');
  return wait > 0 ? Math.round(wait) : undefined;
}

/** A success has an object as its `message`, a failure a sentence; proxies use `error`. Both come with 200. */
export function throwIfFailure(root: WireObject): void {
  const error = root['error'] ?? '';
  if (error === '' && nonEmptyString(root['message']) === undefined) return;
  const code = object(error)['code'];
  const status = typeof code === 'number' && code >= 400 ? code : 200;
  throw decodeFailure({ status, headers: {}, body: JSON.stringify(root) });
}

/** A stream that fails after its first event reports it in its last one. */
export function throwIfBroken(finishReason: string | undefined, error: unknown): void {
  const said = nonEmptyString(error);
  const isBroken = finishReason === 'ERROR' || finishReason === 'TIMEOUT' || (finishReason === undefined && said);
  if (!isBroken) return;
  throw new GatewayError(
    finishReason === 'TIMEOUT' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_ERROR',
    `cohere aborted its answer (${finishReason ?? 'ERROR'})${said ? `: ${redact(said)}` : '.'}`,
  );
}
