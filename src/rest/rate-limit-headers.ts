import type { RateLimitStatus, RateLimitWindow } from '../core/limits.ts';
import type { HeaderFields } from '../http/headers.ts';

/** Rate limit headers, on answers and failures alike. */
export function toRateLimitHeaders({ requests, tokens }: RateLimitStatus): HeaderFields {
  const headers = [requests, tokens].flatMap((allowance) => allowance ?? []);
  const [tightest] = headers.sort((a, b) => remaining(a) - remaining(b));
  if (!tightest) return {};
  return {
    // draft-ietf-httpapi-ratelimit-headers-06, which most clients that read any know: for one limit, in seconds.
    'ratelimit-limit': String(tightest.limit),
    'ratelimit-remaining': String(tightest.remaining),
    'ratelimit-reset': String(toSeconds(tightest)),
    ...toOpenAiHeaders('requests', requests),
    ...toOpenAiHeaders('tokens', tokens),
  };
}

/** OpenAI's own headers, one per limit. */
function toOpenAiHeaders(what: keyof RateLimitStatus, allowance: RateLimitWindow | undefined): HeaderFields {
  if (!allowance) return {};
  return {
    [`x-ratelimit-limit-${what}`]: String(allowance.limit),
    [`x-ratelimit-remaining-${what}`]: String(allowance.remaining),
    [`x-ratelimit-reset-${what}`]: `${toSeconds(allowance)}s`,
  };
}

function remaining({ remaining, limit }: RateLimitWindow): number {
  return remaining / limit;
}

function toSeconds({ resetMs }: RateLimitWindow): number {
  return Math.ceil(resetMs / 1000);
}
