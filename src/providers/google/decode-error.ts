import type { UpstreamFailure } from '../../core/adapter.ts';
import { type FailureCode, GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { array, nonEmptyString, object, readJson, string, tokenCount, type WireObject } from '../read-json.ts';

/** The status alone does not tell what is wrong: `details` do (google.rpc.ErrorInfo, QuotaFailure, RetryInfo). */
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
  // The day's quota comes back at midnight; the short wait that is told with it is not that one.
  const isSpent = quotas.some((quota) => quota.includes('PerDay'));
  const delay = details.map(({ retryDelay }) => toMilliseconds(retryDelay)).find((wait) => wait !== undefined);
  return new GatewayError(chooseCode(plain.code, error, quotas.length > 0), plain.message, {
    status,
    retryable: isSpent ? false : undefined,
    retryAfterMs: isSpent ? undefined : (delay ?? plain.retryAfterMs),
  });
}

function chooseCode(plain: FailureCode, error: WireObject, hasQuota: boolean): FailureCode {
  // "... please check your plan and billing details" is said of every quota, that of a minute too.
  if (hasQuota) return 'UPSTREAM_RATE_LIMITED';
  // "User location is not supported for the API use": about this gateway, not about the request.
  const refusesUs = error['status'] === 'FAILED_PRECONDITION' && plain === 'UPSTREAM_REJECTED';
  return refusesUs ? 'UPSTREAM_AUTHENTICATION' : plain;
}

/** A duration in protobuf's JSON: "34.4s". */
function toMilliseconds(duration: unknown): number | undefined {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(string(duration) ?? '') ?? [];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
}

/** The answer in a body or an event. Failures come with HTTP 200 too, also in the middle of a stream. */
export function readSuccess(value: unknown): WireObject {
  const root = unwrap(value);
  const error = root['error'];
  if (error === undefined || error === null) return root;
  const status = tokenCount(object(error)['code']) ?? 200;
  throw decodeFailure({ status, headers: {}, body: JSON.stringify(root) });
}

/** Without `alt=sse` a stream is a list, and its errors keep that form. */
function unwrap(value: unknown): WireObject {
  return object(Array.isArray(value) ? value[0] : value);
}
