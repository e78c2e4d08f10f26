import type { ProviderAdapter } from '../core/adapter.ts';
import type { Api } from '../core/model.ts';

/** The provider with one API for all models, whatever the catalogue says. */
export function pinApi(api: Api, adapter: ProviderAdapter): ProviderAdapter {
  return {
    ...adapter,
    codecFor(target) {
      const { provider, model, facts = { provider, name: model, status: 'unknown' } } = target;
      return adapter.codecFor({ ...target, facts: { ...facts, api } });
    },
  };
}
