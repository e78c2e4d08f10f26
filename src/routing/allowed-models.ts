import { type Caller, mayUseModel } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { OperationRequest } from '../core/operation.ts';

type Named = Pick<OperationRequest, 'model' | 'provider' | 'fallbacks'>;

/**
 * Refuses a request that names a model its caller may not ask, as a fallback too: a list with holes is no list. What counts is
 * the name in the request: what stands behind a route is the operator's choice, and not the caller's.
 */
export function checkAllowed(caller: Caller, { model, provider, fallbacks = [] }: Named): void {
  const named = [provider === undefined ? model : `${provider}/${model}`, ...fallbacks];
  const index = named.findIndex((id) => !mayUseModel(caller, id));
  if (index === -1) return;
  const path = index === 0 ? 'model' : `fallbacks[${index - 1}]`;
  const message = `This caller may not ask this model. It may ask: ${caller.models?.join(', ')}.`;
  throw new GatewayError('MODEL_NOT_ALLOWED', `${path}: ${message}`, { issues: [{ path, message }] });
}
