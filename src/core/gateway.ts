import type { Attempt, ChatEvent, Completion, Failure, Usage } from './completion.ts';
import type { GatewayError } from './errors.ts';
import type { Model, Provider } from './model.ts';

export type CallOptions = {
  /** Fires when the caller leaves. Everything that a call holds hangs on it. */
  readonly signal: AbortSignal;
};

/** What the faces see. Input is what the caller sent, unread; failures are thrown as CallFailure. */
export type Gateway = {
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  chat(input: unknown, options: CallOptions): Promise<Completion>;
  /**
   * The promise is the negotiation: it settles with the first content, and until then another target may still step in.
   * The iterable then ends with exactly one `finished` or `failed`.
   */
  stream(input: unknown, options: CallOptions): Promise<AsyncIterable<readonly ChatEvent[]>>;
};

/** A call that ended without an answer. */
export class CallFailure extends Error implements Failure {
  override readonly name = 'CallFailure';
  readonly error: GatewayError;
  readonly provider: string;
  readonly model: string;
  readonly attempts: readonly Attempt[];
  readonly usage: Usage | undefined;

  constructor({ error, provider, model, attempts, usage }: Failure) {
    super(error.message, { cause: error });
    this.error = error;
    this.provider = provider;
    this.model = model;
    this.attempts = attempts;
    this.usage = usage;
  }
}
