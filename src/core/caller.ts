import type { KeepLimits } from './disconnect-policy.ts';

/** Limits of one caller. Undefined: no limit. */
export type CallerLimits = {
  readonly requestsPerMinute?: number | undefined;
  /** Input and output together. */
  readonly tokensPerMinute?: number | undefined;
  /** Concurrent streams. Whole answers do not count. */
  readonly concurrentStreams?: number | undefined;
  /** USD between midnight and midnight, UTC. */
  readonly budgetPerDayUsd?: number | undefined;
  /** Per answer. */
  readonly maxOutputTokens?: number | undefined;
  /** Per request: bytes of text, tools and inline media. */
  readonly maxInputBytes?: number | undefined;
};

/** Who sends a request, and what it may do. Idempotency keys, limits and usage are separate for each caller. */
export type Caller = {
  /** Identifies a caller: the name of a key, or "jwt:" and a claim of its token. Visible ASCII, never a secret. */
  readonly id: string;
  /** May use what is for operators: introspection, metrics, everybody's usage. */
  readonly admin: boolean;
  /** May introspect the schema, as admins may: for tools that read it. Default: no. */
  readonly introspection?: boolean;
  /** May run only documents of the operator's list. */
  readonly persistedOnly: boolean;
  /** Models it may use: an id, or all of a provider by "openai/*". Undefined: every model. */
  readonly models: readonly string[] | undefined;
  readonly limits: CallerLimits;
  /** May send fields of a provider's own API. Undefined: it may, unless it is `persistedOnly`. */
  readonly providerOptions?: boolean;
  /** Streams that it may keep beyond a disconnect. Undefined: none. */
  readonly keep?: KeepLimits;
  /** The configured key it authenticated with: the beginning of its hash. Undefined for tokens and without keys. */
  readonly keyId?: string;
};

/** The caller of every request where no key is needed: on the loopback interface, the machine's own user. */
export const anonymous: Caller = { id: 'anonymous', admin: true, persistedOnly: false, models: undefined, limits: {} };

/** Whether a caller may send fields of a provider's own API (`providerOptions`). */
export function maySendProviderOptions({ providerOptions, persistedOnly }: Caller): boolean {
  return providerOptions ?? !persistedOnly;
}

/** Whether a caller may use "provider/model". The spelling has to match the list. */
export function mayUseModel({ models }: Caller, id: string): boolean {
  return models === undefined || models.some((allowed) => allowed === id || isWithin(id, allowed));
}

/** Whether a caller may use any model of this provider. */
export function mayUseProvider({ models }: Caller, provider: string): boolean {
  return models === undefined || models.some((allowed) => allowed.startsWith(`${provider}/`));
}

function isWithin(id: string, group: string): boolean {
  return group.endsWith('/*') && id.startsWith(group.slice(0, -1));
}
