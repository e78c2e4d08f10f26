import type { Caller } from './caller.ts';
import type { GatewayError } from './errors.ts';

/** What a call took, or may take. Money is in USD. */
export type Amount = { readonly tokens: number; readonly usd: number };

/** What is set aside for a call before anything is sent for it. */
export type Reservation = Amount & { readonly isStream: boolean };

/** Held by a call while it runs. A process that dies with it gives it back, by and by. */
export type Lease = {
  /** The call has ended, and took this. Only the first time counts. */
  settle(used: Amount): void;
};

/** How a caller stands with one limit of a minute. */
export type RateLimitWindow = {
  readonly limit: number;
  readonly remaining: number;
  /** When it begins anew. */
  readonly resetMs: number;
};

/** How a caller stands with those of its limits that can be told in advance. */
export type RateLimitStatus = {
  readonly requests: RateLimitWindow | undefined;
  readonly tokens: RateLimitWindow | undefined;
};

export type Admission = { readonly status: RateLimitStatus } & (
  | { readonly lease: Lease }
  /** RATE_LIMITED or BUDGET_EXCEEDED. */
  | { readonly refusal: GatewayError }
);

/** How much of a limit is used, or held by calls that run. */
export type LimitUse = {
  readonly limit: 'requests' | 'tokens' | 'streams' | 'money';
  readonly used: number;
  readonly max: number;
};

export type Limits = {
  /** Lets a call in as far as its caller's limits go. Each call is one, however many come in one HTTP request. */
  admit(caller: Caller, need: Reservation): Promise<Admission>;
  /** How a caller stands now with each limit it has. Counts nothing. */
  currentUse(caller: Caller): Promise<readonly LimitUse[]>;
};
