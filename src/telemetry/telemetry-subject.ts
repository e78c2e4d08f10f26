import type { Caller } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import type { Limits } from '../core/limits.ts';

/** What is told of providers and callers now is that of the settings that hold now. */
export type TelemetrySubject = Pick<Gateway, 'providers' | 'health'> & {
  /** Those who are named in the settings, by their names. */
  readonly callers: ReadonlyMap<string, Caller>;
  readonly limits: Pick<Limits, 'currentUse'>;
};

/** Before there are any. */
export const noSubject: TelemetrySubject = {
  providers: [],
  callers: new Map(),
  limits: { currentUse: async () => [] },
  health: () => ({ status: 'missing_key', availableAt: undefined, keys: [] }),
};
