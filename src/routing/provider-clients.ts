import type { ProviderAdapter } from '../core/adapter.ts';
import type { FetchMedia } from '../core/operation.ts';
import type { Connection, Upstream } from '../core/ports.ts';
import type { ProviderClient } from './attempt.ts';
import type { RetrySettings } from './backoff.ts';
import type { KeyPoolParts } from './key-pool.ts';
import type { KeyPools } from './key-pools.ts';
import { createRetryBudget, type RetryBudgetSettings } from './retry-budget.ts';

export type ProviderClientParts = Omit<KeyPoolParts, 'provider' | 'secrets'> & {
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  /** By provider id; only providers that are configured. */
  readonly connections: ReadonlyMap<string, Connection>;
  readonly keyPools: KeyPools;
  readonly upstream: Upstream;
  /** For providers that take images as data only. Without it they refuse remote images. */
  readonly fetchMedia?: FetchMedia;
  readonly retries: RetrySettings & { readonly budget: RetryBudgetSettings };
};

/** A client for each configured provider, with its keys and its retry budget. */
export function createProviderClients(parts: ProviderClientParts): ReadonlyMap<string, ProviderClient> {
  const { adapters, connections, keyPools, upstream, fetchMedia, retries, ...settings } = parts;
  const clients = new Map<string, ProviderClient>();
  for (const [provider, connection] of connections) {
    const adapter = adapters.get(provider);
    if (!adapter) continue;
    const keys = keyPools.poolOf(connection, { ...settings, provider });
    const budget = createRetryBudget(retries.budget, settings.clock);
    clients.set(provider, { adapter, connection, keys, budget, upstream, fetchMedia, clock: settings.clock });
  }
  return clients;
}
