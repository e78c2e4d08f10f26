import type { UpstreamFailure } from '../../core/adapter.ts';
import { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';

/** "Service tier capacity exceeded" comes as 429 too, and is about a crowded model, not about this gateway's rate. */
export function toMistralFailure(failure: UpstreamFailure): GatewayError {
  const told = toFailure('mistral', failure);
  if (!/capacity exceeded/i.test(told.message)) return told;
  const { message, status, retryAfterMs } = told;
  return new GatewayError('UPSTREAM_OVERLOADED', message, { status, retryAfterMs });
}
