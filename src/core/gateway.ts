import type { AbortSignalLike } from './abort.ts';
import type { Caller } from './caller.ts';
import type { ChatEvent, Completion, Failure } from './completion.ts';
import type { EmbeddingModel, Embeddings } from './embed.ts';
import type { GatewayError } from './errors.ts';
import type { KeptStreams } from './kept-streams.ts';
import type { RateLimitStatus } from './limits.ts';
import type { Model, Provider, ProviderHealth, Route } from './model.ts';
import type { Origin } from './observer.ts';
import type { PollStream } from './poll-stream.ts';
import type { TokenCount } from './token-count.ts';

export type CallOptions = {
  readonly caller: Caller;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignalLike;
  /** Called once with the caller's rate limit status, before anything is sent or when a limit refuses the request. */
  readonly onRateLimitStatus?: (standing: RateLimitStatus) => void;
  /** Called once when the caller's limits admit the request. */
  readonly onAdmitted?: () => void;
  /** Where the request comes from, for telemetry. */
  readonly origin?: Origin;
  /** Whether the stream has the ends of blocks of reasoning (`seal`), which are without text. Default: no. */
  readonly wantsSeals?: boolean;
  /** Id of this call in the log, where its request has none. Default: a generated one. */
  readonly callId?: string;
  /** The `Last-Event-ID` of a client that reconnects: its stream is resumed, and nothing is sent to a provider. */
  readonly lastEventId?: string | undefined;
};

/** The interface that faces use. Input is unvalidated; failures are thrown as CallFailure. */
export type Gateway = {
  readonly models: readonly Model[];
  readonly embeddingModels: readonly EmbeddingModel[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  /** The id that a name of a model stands for: an alias, or one without its provider. The name itself where it is neither. */
  toModelId(name: string): string;
  health(provider: Provider): ProviderHealth;
  chat(input: unknown, options: CallOptions): Promise<Completion>;
  /**
   * The promise settles with the first content; until then another target may be tried. The stream then ends with
   * exactly one `finished` or `failed`, and fails in no other way. A reader that stops calls `cancel`.
   */
  stream(input: unknown, options: CallOptions): Promise<PollStream<ChatEvent>>;
  /**
   * Vectors of texts. Texts beyond what one request of the provider takes are sent as several, side by side, with one bill.
   */
  embed(input: unknown, options: CallOptions): Promise<Embeddings>;
  /** The input tokens of a chat request. It costs nothing; a provider that counts is asked, within the caller's limits. */
  countTokens(input: unknown, options: CallOptions): Promise<TokenCount>;
  /** Streams that outlive the connection of their client. */
  readonly kept: KeptStreams;
};

/** Thrown for a request that ended without an answer. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error.message, { cause: failure.error });
    this.failure = failure;
  }
}

/** The failure of a request that made no call: what it refers to is unknown or unreadable. */
export function withoutCall(error: GatewayError): Failure {
  const nothing = { attempts: [], usage: undefined, cost: undefined, timeToFirstTokenMs: undefined };
  return { error, provider: '', model: '', ...nothing, latencyMs: 0, overheadMs: 0 };
}
