import { type Caller, mayAsk } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';

/** Refuses a request that names a model its caller may not ask, as a fallback too: a list with holes is no list. */
export function checkAllowed(caller: Caller, targets: readonly Pick<Target, 'provider' | 'model'>[]): void {
  const index = targets.findIndex(({ provider, model }) => !mayAsk(caller, `${provider}/${model}`));
  if (index === -1) return;
  const path = index === 0 ? 'model' : `fallbacks[${index - 1}]`;
  const message = `This caller may not ask this model. It may ask: ${caller.models?.join(', ')}.`;
  throw new GatewayError('MODEL_NOT_ALLOWED', `${path}: ${message}`, { issues: [{ path, message }] });
}
