import type { Caller } from './caller.ts';
import { GatewayError } from './errors.ts';

/** One generation per request id. */
export type IdempotencyStore = {
  /**
   * Takes the id, which is the caller's own, or throws DUPLICATE_REQUEST. The function returned gives it back: at once if
   * nothing was spent on it, or after a time.
   */
  claim(caller: Caller, id: string): Promise<Release>;
};

export type Release = (wasSpent: boolean) => void;

/** How long an id stays taken after its request ended. */
export const keepClaimMs = 5 * 60_000;

export function duplicateRequest(state: 'running' | 'ended'): GatewayError {
  const description = state === 'running' ? 'is still running' : 'ended a short while ago';
  const message = `The request with this requestId ${description}; it is not generated again. To ask anew, give a new requestId.`;
  return new GatewayError('DUPLICATE_REQUEST', message, { issues: [{ path: 'requestId', message }] });
}
