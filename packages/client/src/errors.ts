import type { EventFieldsFragment, FailureCode } from './operations.ts';

/** Why there is no answer. */
export type Failure = Omit<Extract<EventFieldsFragment, { __typename: 'CompletionFailed' }>, '__typename' | 'cursor'>;

type Details = Partial<Omit<Failure, 'code' | 'message'>> & { readonly partialText?: string };

/** A request that failed. All failures of this client are of this class, except the reason of an aborted signal. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  /**
   * What failed: a code of the gateway (docs/errors.md), `NETWORK_ERROR` where it could not be reached, or `HTTP_<status>`
   * where something else answered in its place.
   */
  readonly code: FailureCode | (string & {});
  /** Whether the same request may succeed later. */
  declare readonly retryable: boolean;
  /** How long to wait before that, in milliseconds. Null where it is not known. */
  declare readonly retryAfterMs: number | null;
  /** Each invalid place of the input. */
  declare readonly issues: Failure['issues'];
  /** The models that were asked, in order. */
  declare readonly attempts: Failure['attempts'];
  /** What was spent on it, where it is known. */
  declare readonly usage: Failure['usage'];
  declare readonly cost: Failure['cost'];
  /** The text that came before the failure. */
  declare readonly partialText: string;

  constructor(code: ChatError['code'], message: string, details: Details = {}) {
    super(message);
    this.code = code;
    Object.assign(
      this,
      { retryable: false, retryAfterMs: null, usage: null, cost: null, issues: [], attempts: [], partialText: '' },
      details,
    );
  }
}

export function toChatError(failure: Failure, partialText = ''): ChatError {
  return new ChatError(failure.code, failure.message, { ...failure, partialText });
}

/** The gateway did not answer, or the connection to it broke. */
export function networkError(message: string): ChatError {
  return new ChatError('NETWORK_ERROR', message, { retryable: true });
}
