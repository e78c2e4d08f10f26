import type { FailureCode } from './errors.ts';
import type { Secret } from './secret.ts';

/** The cooldown of a key. */
export type Cooldown = {
  /** The model it applies to. Undefined: all models. */
  readonly model: string | undefined;
  readonly code: FailureCode;
  readonly ms: number;
};

/** Shares key cooldowns between gateways. They are hints: what a gateway observes itself takes precedence. */
export type KeyCooldowns = {
  publish(key: Secret | undefined, provider: string, rest: Cooldown): void;
  /** Calls back for each cooldown of this key that another gateway publishes. */
  subscribe(key: Secret | undefined, provider: string, onRest: (rest: Cooldown) => void): void;
};

/** A gateway that shares nothing. */
export const localOnly: KeyCooldowns = { publish: () => {}, subscribe: () => {} };
