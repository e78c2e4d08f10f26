import type { UpstreamFailure } from '../core/adapter.ts';
import { type FailureDetails, GatewayError } from '../core/errors.ts';
import { classifyError } from './classify-error.ts';
import { readErrorBody } from './error-body.ts';
import { redact } from './redact.ts';

/** Decodes an error response in the forms that many providers share. Codecs add what is peculiar to their provider. */

export function toFailure(provider: string, { status, headers, body }: UpstreamFailure): GatewayError {
  const error = readErrorBody(body);
  if (status === 404 && !error.isApiError) {
    const message = `${provider} responded with HTTP 404 without an API error. Check its base URL.`;
    return new GatewayError('UPSTREAM_REJECTED', message, { status });
  }
  const { code, isInferred } = classifyError(error, status);
  const retryable = wantsRetry(headers);
  const details: FailureDetails = { status, retryAfterMs: retryAfterMs(headers), retryable, isInferred };
  if (code === 'UPSTREAM_AUTHENTICATION' && status !== 403) {
    // Providers echo the key here at times.
    return new GatewayError(code, `${provider} refused the key of this gateway (HTTP ${status}).`, details);
  }
  const message = error.message ? `: ${redact(error.message)}` : '.';
  return new GatewayError(code, `${provider} responded with HTTP ${status}${message}`, details);
}

/** OpenAI and Anthropic tell their SDKs in this header whether to retry. */
function wantsRetry(headers: UpstreamFailure['headers']): boolean | undefined {
  const value = single(headers['x-should-retry']);
  return value === 'true' || value === 'false' ? value === 'true' : undefined;
}

/**
 * How long the provider asks to wait. `retry-after` holds seconds or a date (RFC 9110 §10.2.3); a date counts from the
 * provider's own `date`, and one in the past means now.
 */
export function retryAfterMs(headers: UpstreamFailure['headers']): number | undefined {
  const exact = Number.parseFloat(single(headers['retry-after-ms']) ?? '');
  if (exact >= 0) return Math.round(exact);
  const given = single(headers['retry-after'])?.trim();
  if (!given) return undefined;
  if (/^\d+(\.\d+)?$/.test(given)) return Math.round(Number(given) * 1000);
  const wait = Date.parse(given) - Date.parse(single(headers['date']) ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
