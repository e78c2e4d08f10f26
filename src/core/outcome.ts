import type { GatewayError } from './errors.ts';

/** How an attempt ended, for what watches over a key or a provider: its breaker, its cooldowns, its retry budget. */
export type Outcome =
  | { readonly kind: 'success' }
  /** The provider failed. */
  | { readonly kind: 'failure'; readonly error: GatewayError }
  /** The attempt says nothing about the provider: the client left, or the gateway stopped it or ran out of a resource. */
  | { readonly kind: 'cancelled' };

export const success: Outcome = { kind: 'success' };
export const cancelled: Outcome = { kind: 'cancelled' };

export function failure(error: GatewayError): Outcome {
  return { kind: 'failure', error };
}
