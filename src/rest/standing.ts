import type { ServerResponse } from 'node:http';
import type { Allowance, Standing } from '../core/limits.ts';

/** Tells a caller how it stands with its limits, on answers and failures alike. */
export function setStandingHeaders(response: ServerResponse, { requests, tokens }: Standing): void {
  const told = [requests, tokens].flatMap((allowance) => allowance ?? []);
  const [tightest] = told.sort((a, b) => share(a) - share(b));
  if (!tightest || response.headersSent) return;
  // draft-ietf-httpapi-ratelimit-headers-06, which most clients that read any know: for one limit, in seconds.
  response.setHeader('ratelimit-limit', tightest.limit);
  response.setHeader('ratelimit-remaining', tightest.remaining);
  response.setHeader('ratelimit-reset', toSeconds(tightest));
  setOpenAiHeaders(response, 'requests', requests);
  setOpenAiHeaders(response, 'tokens', tokens);
}

/** OpenAI has its own, for each limit by itself. */
function setOpenAiHeaders(response: ServerResponse, what: keyof Standing, allowance: Allowance | undefined): void {
  if (!allowance) return;
  response.setHeader(`x-ratelimit-limit-${what}`, allowance.limit);
  response.setHeader(`x-ratelimit-remaining-${what}`, allowance.remaining);
  response.setHeader(`x-ratelimit-reset-${what}`, `${toSeconds(allowance)}s`);
}

function share({ remaining, limit }: Allowance): number {
  return remaining / limit;
}

function toSeconds({ resetMs }: Allowance): number {
  return Math.ceil(resetMs / 1000);
}
