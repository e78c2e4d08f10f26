import type { UpstreamFailure } from '../core/adapter.ts';
import { type FailureCode, type FailureDetails, GatewayError } from '../core/errors.ts';
import { list, readJson, record, text, type Wire, word } from './lenient.ts';

/** Translates a provider's refusal. Adapters add what is theirs alone; the forms below are shared by many. */

type Told = {
  readonly message: string | undefined;
  readonly type: string | undefined;
  readonly code: string | undefined;
};

/** Words that decide where status codes do not: the same 400 or 429 stands for quite different things. */
const byWords: readonly (readonly [RegExp, FailureCode])[] = [
  [
    /context.?length|maximum context|context limit|prompt is too long|too many tokens|input_too_large|maximum (prompt|input) length|range of input length|input token count|too large for model/i,
    'CONTEXT_LENGTH_EXCEEDED',
  ],
  [
    /insufficient_quota|credit balance|insufficient balance|billing|arrear|available credits|spending limit|FreeTierOnly/i,
    'UPSTREAM_BILLING',
  ],
  [
    /content_policy|invalid_prompt|content_filter|content exists risk|usage guidelines|usage policy|data_?inspection|content filtering/i,
    'CONTENT_FILTERED',
  ],
  [/invalid_api_key|incorrect api key|api_key_invalid|authentication_error/i, 'UPSTREAM_AUTHENTICATION'],
  [
    /model_not_found|model_?not_?exist|does not exist or you do not have access|not_found_error|invalid_model/i,
    'MODEL_NOT_FOUND',
  ],
  [/overloaded/i, 'UPSTREAM_OVERLOADED'],
  [/rate_limit|throttl/i, 'UPSTREAM_RATE_LIMITED'],
];

export function codeForStatus(status: number): FailureCode {
  switch (status) {
    case 401:
    case 403:
    case 498:
      return 'UPSTREAM_AUTHENTICATION';
    case 402:
      return 'UPSTREAM_BILLING';
    case 404:
      return 'MODEL_NOT_FOUND';
    case 408:
    case 504:
      return 'UPSTREAM_TIMEOUT';
    case 429:
      return 'UPSTREAM_RATE_LIMITED';
    case 503:
    case 529:
      return 'UPSTREAM_OVERLOADED';
    default:
      // 409 and 425 ask for another try; a 2xx or 3xx that tells of a failure is one of the provider.
      return status >= 400 && status < 500 && status !== 409 && status !== 425 ? 'UPSTREAM_REJECTED' : 'UPSTREAM_ERROR';
  }
}

export function toFailure(provider: string, failure: UpstreamFailure): GatewayError {
  const told = readTold(failure.body);
  if (failure.status === 404 && !told.message) {
    const message = `${provider} answered HTTP 404 without an API error: check its base URL.`;
    return new GatewayError('UPSTREAM_REJECTED', message, { status: 404 });
  }
  const code = chooseCode(told, failure.status);
  const details: FailureDetails = { status: failure.status, retryAfterMs: retryAfterMs(failure.headers) };
  if (code === 'UPSTREAM_AUTHENTICATION') {
    // Providers like to echo the key here.
    return new GatewayError(code, `${provider} refused the key of this gateway (HTTP ${failure.status}).`, details);
  }
  const message = told.message ? `: ${publicText(told.message)}` : '.';
  return new GatewayError(code, `${provider} answered HTTP ${failure.status}${message}`, details);
}

function chooseCode(told: Told, status: number): FailureCode {
  const words = [told.code, told.type, told.message].filter((part) => part !== undefined).join(' ');
  const spoken = byWords.find(([pattern]) => pattern.test(words))?.[1];
  const plain = codeForStatus(status);
  // Words refine a vague status; a clear one stands. A 500 may still be about too long a prompt.
  const vague = plain === 'UPSTREAM_REJECTED' || plain === 'UPSTREAM_ERROR' || status === 403 || status === 429;
  return spoken && (vague || plain === 'UPSTREAM_OVERLOADED') ? spoken : plain;
}

/** Error bodies come in many shapes; these are tried in order. */
function readTold(body: string): Told {
  const parsed = readJson(body.trim());
  const root = record(Array.isArray(parsed) ? parsed[0] : parsed);
  const inner = record(root['error']);
  const source = Object.keys(inner).length > 0 ? inner : root;
  const code = source['code'];
  return {
    message:
      word(source['message']) ??
      word(root['error']) ??
      joinDetails(record(root['message'])['detail']) ??
      word(root['detail']) ??
      joinDetails(root['detail']) ??
      word(record(root['detail'])['error']),
    type: word(source['type']) ?? word(source['status']),
    code: typeof code === 'number' ? String(code) : word(code),
  };
}

function joinDetails(value: unknown): string | undefined {
  const lines = list(value).map((item) => {
    const detail: Wire = record(item);
    const place = list(detail['loc']).join('.');
    return [place, text(detail['msg'])].filter(Boolean).join(': ');
  });
  return word(lines.filter(Boolean).join('; '));
}

const maxPublicChars = 300;

/** One line of bounded length: a provider's sentence is for a log line and a toast, not for a page. */
export function publicText(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > maxPublicChars ? `${line.slice(0, maxPublicChars)}…` : line;
}

/**
 * How long the provider asks to wait. `retry-after` may be seconds or a date (RFC 9110 §10.2.3); a date counts from
 * the provider's own `date`, and one in the past means now.
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
