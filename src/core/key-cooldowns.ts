import type { FailureCode } from './errors.ts';
import type { Secret } from './secret.ts';

/** A key that rests, and for how long. */
export type Rest = {
  /** The one model it is about; all of them, if undefined. */
  readonly model: string | undefined;
  readonly code: FailureCode;
  readonly ms: number;
};

/** Tells other gateways which keys rest, and hears it from them. A hint only: what a gateway finds out itself it knows better. */
export type KeyRests = {
  tell(key: Secret | undefined, provider: string, rest: Rest): void;
  /** Calls back for each rest of this key that another gateway tells. */
  hear(key: Secret | undefined, provider: string, onRest: (rest: Rest) => void): void;
};

/** A gateway by itself. */
export const nobodyElse: KeyRests = { tell: () => {}, hear: () => {} };
