import type { Failure } from '../core/completion.ts';
import type { FailureCode } from '../core/errors.ts';
import type { HeaderFields } from '../http/headers.ts';
import type { FieldNames } from './field-names.ts';
import type { ErrorBody, XParleyFailure } from './wire.ts';
import { toHeaderValue, toTimingHeaders, toUsage, toXParleyAttempt, toXParleyExpense } from './x-parley.ts';

/**
 * HTTP status of a failure before the first content. SDKs choose their error class by it, and whether to retry. A
 * provider that refuses the gateway's key is a bad gateway: 401 would mean the caller's key.
 */
export const statusOf = {
  INVALID_REQUEST: 400,
  UNKNOWN_PROVIDER: 404,
  PROVIDER_NOT_CONFIGURED: 404,
  UNSUPPORTED_OPTION: 400,
  DUPLICATE_REQUEST: 409,
  MODEL_NOT_ALLOWED: 403,
  MODEL_NOT_FOUND: 404,
  CONTEXT_LENGTH_EXCEEDED: 400,
  CONTENT_FILTERED: 400,
  OUTPUT_INVALID: 502,
  UPSTREAM_REJECTED: 400,
  UPSTREAM_AUTHENTICATION: 502,
  UPSTREAM_BILLING: 502,
  RATE_LIMITED: 429,
  BUDGET_EXCEEDED: 429,
  UPSTREAM_RATE_LIMITED: 429,
  UPSTREAM_OVERLOADED: 503,
  UPSTREAM_UNAVAILABLE: 503,
  UPSTREAM_ERROR: 502,
  UPSTREAM_TIMEOUT: 504,
  UPSTREAM_UNREACHABLE: 502,
  UPSTREAM_TRUNCATED: 502,
  UPSTREAM_MALFORMED: 502,
  TARGETS_EXHAUSTED: 502,
  OVERLOADED: 503,
  SHUTTING_DOWN: 503,
  STREAM_NOT_FOUND: 404,
  STREAM_LOST: 410,
  // nginx's status for a client that disconnected. It is never read.
  CANCELLED: 499,
  INTERNAL: 500,
} as const satisfies Record<FailureCode, number>;

export function toErrorBody(failure: Failure, spelling: FieldNames): ErrorBody {
  const { error, provider, model, attempts, usage } = failure;
  const { code, retryable, retryAfterMs } = error;
  const counted = toUsage(usage);
  const issues = error.issues.map(({ path, message }) => ({
    param: spelling.path(path),
    message: spelling.text(message),
  }));
  const extras: XParleyFailure = {
    code,
    retryable,
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    ...(provider !== '' && { provider }),
    ...(model !== '' && { model }),
    attempts: attempts.map(toXParleyAttempt),
    ...(counted && { usage: counted }),
    ...toXParleyExpense(failure),
    issues,
  };
  return {
    error: {
      message: toOpenAiMessage(error, spelling),
      type: typeOf(statusOf[code]),
      param: issues[0]?.param || null,
      code: toOpenAiCode(code),
      x_parley: extras,
    },
  };
}

/** The message of an INVALID_REQUEST begins with the path of the first issue. */
function toOpenAiMessage({ message, issues: [first] }: Failure['error'], spelling: FieldNames): string {
  const path = first?.path;
  if (!path || !message.startsWith(`${path}: `)) return spelling.text(message);
  return spelling.path(path) + spelling.text(message.slice(path.length));
}

/** An error of the server or of routing, before an operation began. */
export function toHttpErrorBody(status: number, code: string, message: string): ErrorBody {
  return { error: { message, type: typeOf(status), param: null, code: toOpenAiCode(code), x_parley: { code } } };
}

/** OpenAI's words, which programs compare. Every other code is ours in lower case. */
const openAiCodes: Readonly<Record<string, string>> = {
  CONTEXT_LENGTH_EXCEEDED: 'context_length_exceeded',
  CONTENT_FILTERED: 'content_filter',
  RATE_LIMITED: 'rate_limit_exceeded',
  UPSTREAM_RATE_LIMITED: 'rate_limit_exceeded',
  BUDGET_EXCEEDED: 'insufficient_quota',
  UPSTREAM_BILLING: 'insufficient_quota',
  MODEL_NOT_FOUND: 'model_not_found',
  UNAUTHENTICATED: 'invalid_api_key',
  NOT_FOUND: 'unknown_url',
};

export function toOpenAiCode(code: string): string {
  return openAiCodes[code] ?? code.toLowerCase();
}

function typeOf(status: number): ErrorBody['error']['type'] {
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

export function toErrorHeaders(failure: Failure): HeaderFields {
  const { error, provider, model, attempts } = failure;
  const { retryable, retryAfterMs } = error;
  return {
    ...(provider !== '' && { 'x-parley-provider': toHeaderValue(provider) }),
    ...(model !== '' && { 'x-parley-model': toHeaderValue(model) }),
    'x-parley-attempts': String(attempts.length),
    ...toTimingHeaders(failure),
    // SDKs retry by status alone, unless this header forbids it.
    ...(!retryable && { 'x-should-retry': 'false' }),
    ...(retryAfterMs !== undefined && {
      'retry-after': String(Math.ceil(retryAfterMs / 1000)),
      'retry-after-ms': String(Math.ceil(retryAfterMs)),
    }),
  };
}
