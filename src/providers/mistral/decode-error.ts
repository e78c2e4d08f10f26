import type { UpstreamFailure } from '../../core/adapter.ts';
import { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';

/** "Service tier capacity exceeded" comes as 429 too. It is about a crowded model, not about this gateway's rate. */
export function toMistralFailure(failure: UpstreamFailure): GatewayError {
  const body = toFailure('mistral', failure);
  if (!/capacity exceeded/i.test(body.message)) return body;
  const { message, status, retryAfterMs } = body;
  return new GatewayError('UPSTREAM_OVERLOADED', message, { status, retryAfterMs });
}
