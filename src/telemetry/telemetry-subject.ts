import type { Caller } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import type { Limits } from '../core/limits.ts';

/** The providers and callers that telemetry describes: those of the current configuration. */
export type TelemetrySubject = Pick<Gateway, 'providers' | 'health'> & {
  /** Callers of the configuration, by name. */
  readonly callers: ReadonlyMap<string, Caller>;
  readonly limits: Pick<Limits, 'currentUse'>;
};

/** Before the first configuration. */
export const noSubject: TelemetrySubject = {
  providers: [],
  callers: new Map(),
  limits: { currentUse: async () => [] },
  health: () => ({ status: 'missing_key', availableAt: undefined, keys: [] }),
};
