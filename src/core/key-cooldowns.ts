import type { FailureCode } from './errors.ts';
import type { Secret } from './secret.ts';

/** A key that rests, and for how long. */
export type Cooldown = {
  /** The one model it is about; all of them, if undefined. */
  readonly model: string | undefined;
  readonly code: FailureCode;
  readonly ms: number;
};

/** Tells other gateways which keys rest, and hears it from them. A hint only: what a gateway finds out itself it knows better. */
export type KeyCooldowns = {
  publish(key: Secret | undefined, provider: string, rest: Cooldown): void;
  /** Calls back for each rest of this key that another gateway tells. */
  subscribe(key: Secret | undefined, provider: string, onRest: (rest: Cooldown) => void): void;
};

/** A gateway by itself. */
export const localOnly: KeyCooldowns = { publish: () => {}, subscribe: () => {} };
