import type { UpstreamFailure } from '../../core/adapter.ts';
import { type FailureCode, GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { array, nonEmptyString, object, readJson, string, tokenCount, type WireObject } from '../read-json.ts';

/** The status alone is ambiguous: `details` decide (google.rpc.ErrorInfo, QuotaFailure, RetryInfo). */
export function decodeFailure(failure: UpstreamFailure): GatewayError {
  const { status } = failure;
  const plain = toFailure('google', failure);
  const error = object(unwrap(readJson(failure.body.trim()))['error']);
  const details = array(error['details']).map(object);
  if (details.some(({ reason }) => nonEmptyString(reason)?.startsWith('API_KEY_'))) {
    const message = `google refused the key of this gateway (HTTP ${status}).`;
    return new GatewayError('UPSTREAM_AUTHENTICATION', message, { status });
  }
  const violations = details.flatMap((detail) => array(detail['violations']).map(object));
  const quotas = violations.flatMap(({ quotaId }) => nonEmptyString(quotaId) ?? []);
  // A daily quota resets at midnight; the short wait that comes with the error is not that.
  const isSpent = quotas.some((quota) => quota.includes('PerDay'));
  const delay = details.map(({ retryDelay }) => toMilliseconds(retryDelay)).find((wait) => wait !== undefined);
  const code = chooseCode(plain.code, error, quotas.length > 0);
  return new GatewayError(code, plain.message, {
    status,
    isInferred: plain.isInferred && code === plain.code && error['status'] !== 'FAILED_PRECONDITION',
    retryable: isSpent ? false : undefined,
    retryAfterMs: isSpent ? undefined : (delay ?? plain.retryAfterMs),
  });
}

function chooseCode(plain: FailureCode, error: WireObject, hasQuota: boolean): FailureCode {
  // "... please check your plan and billing details" comes with every quota, also one per minute.
  if (hasQuota) return 'UPSTREAM_RATE_LIMITED';
  // "User location is not supported for the API use" is about this gateway, not about the request.
  const refusesUs = error['status'] === 'FAILED_PRECONDITION' && plain === 'UPSTREAM_REJECTED';
  return refusesUs ? 'UPSTREAM_AUTHENTICATION' : plain;
}

/** A duration in protobuf's JSON: "34.4s". */
function toMilliseconds(duration: unknown): number | undefined {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(string(duration) ?? '') ?? [];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
}

/** The answer of a body or event. Failures come with HTTP 200 too, also in the middle of a stream. */
export function readSuccess(value: unknown): WireObject {
  const root = unwrap(value);
  const error = root['error'];
  if (error === undefined || error === null) return root;
  const status = tokenCount(object(error)['code']) ?? 200;
  throw decodeFailure({ status, headers: {}, body: JSON.stringify(root) });
}

/** The pieces of a body or event: one, or a list. */
export function toPieces(value: unknown): readonly WireObject[] {
  return Array.isArray(value) && value.length > 0 ? value.map(readSuccess) : [readSuccess(value)];
}

/** Without `alt=sse` a stream is a list, and errors keep that form. */
function unwrap(value: unknown): WireObject {
  return object(Array.isArray(value) ? value[0] : value);
}
