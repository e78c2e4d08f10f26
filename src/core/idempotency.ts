import type { Caller } from './caller.ts';
import { GatewayError } from './errors.ts';

/** One generation per request id. */
export type RequestIds = {
  /**
   * Takes the id, which is the caller's own, or throws DUPLICATE_REQUEST. The function returned gives it back: at once if
   * nothing was spent on it, or after a time.
   */
  take(caller: Caller, id: string): Promise<GiveBack>;
};

export type GiveBack = (wasSpent: boolean) => void;

/** How long an id stays taken after its request ended. */
export const idsKeptMs = 5 * 60_000;

export function duplicateOf(state: 'running' | 'ended'): GatewayError {
  const told = state === 'running' ? 'is still running' : 'ended a short while ago';
  const message = `The request with this requestId ${told}; it is not generated again. To ask anew, give a new requestId.`;
  return new GatewayError('DUPLICATE_REQUEST', message, { issues: [{ path: 'requestId', message }] });
}
