import type { ProviderAdapter } from '../core/adapter.ts';
import type { Api } from '../core/model.ts';

/** The provider with one wire for all its models, whatever is known of each. */
export function pinApi(api: Api, adapter: ProviderAdapter): ProviderAdapter {
  return {
    ...adapter,
    codecFor(target) {
      const { provider, model, facts = { provider, name: model, status: 'unknown' } } = target;
      return adapter.codecFor({ ...target, facts: { ...facts, api } });
    },
  };
}
