import type { Caller } from './caller.ts';
import type { GatewayError } from './errors.ts';

/** Tokens and USD, used or reserved. */
export type Amount = { readonly tokens: number; readonly usd: number };

/** What is reserved for a request before anything is sent for it. */
export type Reservation = Amount & { readonly isStream: boolean };

/** Held by a request while it runs. The lease of a process that dies expires. */
export type Lease = {
  /** The request has ended and used this. Only the first call counts. */
  settle(used: Amount): void;
};

/** The state of one limit per minute. */
export type RateLimitWindow = {
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends. */
  readonly resetMs: number;
};

/** The limits whose state can be reported in advance, as headers do. */
export type RateLimitStatus = {
  readonly requests: RateLimitWindow | undefined;
  readonly tokens: RateLimitWindow | undefined;
};

export type Admission = { readonly status: RateLimitStatus } & (
  | { readonly lease: Lease }
  /** RATE_LIMITED or BUDGET_EXCEEDED. */
  | { readonly refusal: GatewayError }
);

/** How much of a limit is used or reserved. */
export type LimitUse = {
  readonly limit: 'requests' | 'tokens' | 'streams' | 'money';
  readonly used: number;
  readonly max: number;
};

export type Limits = {
  /** Admits a request within its caller's limits. Several fields of one GraphQL document count one by one. */
  admit(caller: Caller, need: Reservation): Promise<Admission>;
  /** The state of each limit of a caller. Counts nothing. */
  currentUse(caller: Caller): Promise<readonly LimitUse[]>;
};
