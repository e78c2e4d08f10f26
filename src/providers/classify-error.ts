import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { ErrorBody } from './error-body.ts';
import { withoutQuotations } from './provider-prose.ts';

/**
 * Classifies errors by words where status codes do not suffice: the same 400 or 429 means different things. `names` match the
 * fields `code` and `type`, which are written for programs; `prose` matches the message, only where those say nothing.
 *
 * Prose may repeat what a caller wrote, so quotations are removed before it is matched. What decides about a key or a
 * provider (billing, authentication) is matched only as a known sentence at the beginning of the message.
 */
type ErrorRule = { readonly code: FailureCode; readonly names?: RegExp; readonly prose?: RegExp };

const rules: readonly ErrorRule[] = [
  {
    code: 'CONTEXT_LENGTH_EXCEEDED',
    names: /context_length|exceed_context_size|input_too_large/i,
    prose:
      /context.?length|maximum context|context (limit|window|size)|prompt is too long|too many tokens|input_too_large|maximum (prompt|input|model) length|range of input length|tokens \+ +must be <=|must have less than \d{1,9} tokens|input token count|too large for model/i,
  },
  {
    code: 'UPSTREAM_BILLING',
    names: /insufficient_quota|credit_balance|billing|arrear|FreeTierOnly/i,
    prose:
      /^(your )?credit balance is too low|^insufficient (account )?(balance|credits?|funds)|^you have reached your specified (workspace )?api usage limits|^(your )?(newly created )?(team|account)\b.{0,60}\b(credits|spending limit)\b|^(your )?account .{0,30}(overdue|not in good standing|arrear)|^access denied, please make sure your account is in good standing|^(the )?free tier .{0,80}exhausted|^please enable billing|^billing (of|for|account|is) |^you have no credits|^you are out of credits|^billing (hard limit|limit) (has been|was) reached|^(this|your) (request|account) (requires|needs) more credits/i,
  },
  {
    code: 'CONTENT_FILTERED',
    names: /_policy\b|policy_violation|invalid_prompt|content_filter|data_?inspection/i,
    prose:
      /content exists risk|usage guidelines|usage policy|data.?inspection|inappropriate content|content filtering/i,
  },
  {
    code: 'UPSTREAM_AUTHENTICATION',
    names: /invalid_?api_?key|api_key_invalid|authentication_error/i,
    prose: /^(incorrect|invalid) api key|^api key not valid|^authentication failed|^invalid authentication/i,
  },
  {
    code: 'MODEL_NOT_FOUND',
    names: /model_?not_?(found|exist)|not_found_error|invalid_model/i,
    prose:
      /model.?not.?(found|exist)|does not exist or you do not have access|provided model is not supported|unknown model/i,
  },
  {
    code: 'UPSTREAM_OVERLOADED',
    names: /overloaded|unavailable|slow_down/i,
    prose: /overloaded|(currently|temporarily) unavailable/i,
  },
  { code: 'UPSTREAM_RATE_LIMITED', names: /rate_?limit|limit_requests|throttl/i, prose: /rate.?limit|throttl/i },
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
    case 410:
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
      // 409 and 425 ask for another attempt; a 2xx or 3xx with an error body is a failure of the provider.
      return status >= 400 && status < 500 && status !== 409 && status !== 425 ? 'UPSTREAM_REJECTED' : 'UPSTREAM_ERROR';
  }
}

export type Classified = {
  readonly code: FailureCode;
  /** Prose alone led to it: neither the status nor a field for programs says so. */
  readonly isInferred: boolean;
};

/** Names of errors are short; what is longer is no name. */
const maxNameChars = 200;

export function classifyError(body: ErrorBody, status: number): Classified {
  const names = [body.code, body.type]
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, maxNameChars);
  const named = rules.find((one) => one.names?.test(names))?.code;
  const spoken = named ?? rules.find((one) => one.prose?.test(withoutQuotations(body.message ?? '')))?.code;
  const plain = codeForStatus(status);
  const code = decide(plain, spoken, status);
  return { code, isInferred: code !== plain && named === undefined };
}

function decide(plain: FailureCode, spoken: FailureCode | undefined, status: number): FailureCode {
  if (!spoken) return plain;
  switch (plain) {
    case 'UPSTREAM_ERROR':
      return spoken;
    case 'UPSTREAM_REJECTED':
      // A failure that passes with time is no fault of the request: the word is part of what was asked.
      return failureCodes[spoken].retryable ? plain : spoken;
    case 'UPSTREAM_AUTHENTICATION':
      return status === 403 ? spoken : plain;
    case 'UPSTREAM_RATE_LIMITED':
      return spoken === 'UPSTREAM_BILLING' ? spoken : plain;
    default:
      return plain;
  }
}
