import type { AbortSignalLike } from './abort.ts';
import type { Caller } from './caller.ts';
import type { ChatEvent, Completion, Failure } from './completion.ts';
import type { RateLimitStatus } from './limits.ts';
import type { Model, Provider, ProviderHealth, Route } from './model.ts';
import type { Origin } from './observer.ts';
import type { PollStream } from './poll-stream.ts';

export type CallOptions = {
  readonly caller: Caller;
  /** Fires when the caller leaves. Everything that a call holds hangs on it. */
  readonly signal: AbortSignalLike;
  /** Told once how the caller stands with its limits, before anything is sent or the call is refused for one. */
  readonly onRateLimitStatus?: (standing: RateLimitStatus) => void;
  /** Where the request comes from, for those who keep count. */
  readonly origin?: Origin;
};

/** What the faces see. Input is what the caller sent, unread; failures are thrown as CallFailure. */
export type Gateway = {
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  health(provider: Provider): ProviderHealth;
  chat(input: unknown, options: CallOptions): Promise<Completion>;
  /**
   * The promise is the negotiation: it settles with the first content, and until then another target may still step in.
   * The source then ends with exactly one `finished` or `failed`, and breaks in no other way. Who stops reading leaves it.
   */
  stream(input: unknown, options: CallOptions): Promise<PollStream<ChatEvent>>;
};

/** Thrown for a call that ended without an answer. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error.message, { cause: failure.error });
    this.failure = failure;
  }
}
