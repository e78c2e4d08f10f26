import { type Caller, mayUseModel } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { OperationRequest } from '../core/operation.ts';

type Named = Pick<OperationRequest, 'model' | 'provider' | 'fallbacks'>;

/**
 * Refuses a request whose model or fallback its caller may not use. The requested name counts: what a route contains is
 * the operator's choice.
 */
export function checkAllowed(caller: Caller, { model, provider, fallbacks = [] }: Named): void {
  const named = [provider === undefined ? model : `${provider}/${model}`, ...fallbacks];
  const index = named.findIndex((id) => !mayUseModel(caller, id));
  if (index === -1) return;
  const path = index === 0 ? 'model' : `fallbacks[${index - 1}]`;
  const message = `This caller may not use this model. Allowed: ${caller.models?.join(', ')}.`;
  throw new GatewayError('MODEL_NOT_ALLOWED', `${path}: ${message}`, { issues: [{ path, message }] });
}
