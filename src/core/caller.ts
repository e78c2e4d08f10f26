/** How much one caller may have. Nothing said: no limit. */
export type CallerLimits = {
  readonly requestsPerMinute?: number | undefined;
  /** Input and output together. */
  readonly tokensPerMinute?: number | undefined;
  /** Streams that are open at one time. Whole answers are no streams. */
  readonly concurrentStreams?: number | undefined;
  /** USD between midnight and midnight, UTC. */
  readonly budgetPerDayUsd?: number | undefined;
  /** Of one answer. */
  readonly maxOutputTokens?: number | undefined;
  /** Of one request: its texts, tools and images. */
  readonly maxInputBytes?: number | undefined;
};

/** Who asks, and what they may. What belongs to one caller (request ids, limits, usage) is neither seen nor held up by another. */
export type Caller = {
  /** Tells callers apart: the name of a key, or "jwt:" and a claim of a sign-in token. Visible ASCII, never a secret. */
  readonly id: string;
  /** May see what is for the operator: the schema by introspection. */
  readonly admin: boolean;
  /** May run nothing but documents of the operator's list. */
  readonly persistedOnly: boolean;
  /** Models it may ask: an id, or all of a provider by "openai/*". Nothing said: every model. */
  readonly models: readonly string[] | undefined;
  readonly limits: CallerLimits;
};

/** Everybody, where nobody has to say who they are: on this machine, its own user. */
export const anonymous: Caller = { id: 'anonymous', admin: true, persistedOnly: false, models: undefined, limits: {} };

/** Whether a caller may ask this model, "provider/model". Spelt otherwise than in the list, it may not. */
export function mayUseModel({ models }: Caller, id: string): boolean {
  return models === undefined || models.some((allowed) => allowed === id || isWithin(id, allowed));
}

/** Whether a caller may ask any model of this provider. */
export function mayUseProvider({ models }: Caller, provider: string): boolean {
  return models === undefined || models.some((allowed) => allowed.startsWith(`${provider}/`));
}

function isWithin(id: string, group: string): boolean {
  return group.endsWith('/*') && id.startsWith(group.slice(0, -1));
}
