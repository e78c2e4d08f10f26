import type { Caller } from './caller.ts';
import { GatewayError } from './errors.ts';

/** Idempotency: one generation per caller and `requestId`. */
export type IdempotencyStore = {
  /**
   * Claims the caller's id, or throws DUPLICATE_REQUEST. The returned function releases it: at once if no provider was
   * charged for it, otherwise after `keepClaimMs`.
   */
  claim(caller: Caller, id: string): Promise<Release>;
};

export type Release = (wasSpent: boolean) => void;

/** How long an id stays claimed after its request ended, in milliseconds. */
export const keepClaimMs = 5 * 60_000;

export function duplicateRequest(state: 'running' | 'ended'): GatewayError {
  const description = state === 'running' ? 'is still running' : 'ended less than five minutes ago';
  const message = `The request with this requestId ${description}; it is not generated again. Use a new requestId for a new request.`;
  return new GatewayError('DUPLICATE_REQUEST', message, { issues: [{ path: 'requestId', message }] });
}
