import type { AbortSignalLike } from './abort.ts';
import type { Mode, OperationCodec, ProviderAdapter } from './adapter.ts';
import type { CallerLimits } from './caller.ts';
import type { Cost, Delta, ProviderEvent, Usage, Warning } from './completion.ts';
import type { DisconnectPolicy } from './disconnect-policy.ts';
import type { FailureCode } from './errors.ts';
import type { Amount } from './limits.ts';
import type { MediaPart } from './media.ts';
import type { Target } from './model.ts';
import type { Clock } from './ports.ts';

/** What a gateway does for a caller. The name is that of OpenTelemetry's `gen_ai.operation.name`. */
export type OperationName = 'chat' | 'embeddings' | 'count_tokens';

/** What the request of every operation says about where it goes. */
export type OperationRequest = {
  /** "provider/model", "route/name", or a bare model name beside `provider`. */
  readonly model: string;
  readonly provider?: string | undefined;
  readonly fallbacks?: readonly string[] | undefined;
  /** The caller's idempotency key. */
  readonly requestId?: string | undefined;
  /** For operations that stream. Default: `stop`. */
  readonly onDisconnect?: DisconnectPolicy | undefined;
};

/** What the answer of every operation says about itself. */
export type OperationAnswer = {
  readonly usage: Usage | undefined;
  readonly warnings?: readonly Warning[];
  /** What the provider says that it charges. */
  readonly reportedCost?: Cost;
  /** The service tier that answered, which may have a price of its own. */
  readonly serviceTier?: string;
};

/** The price of so many tokens at a target in USD, or undefined where it is not known. */
export type CostOf = (target: Target, usage: Usage) => number | undefined;

/** The most that asking one target may take. `usd` is undefined where its price is not known. */
export type WorstCase = { readonly tokens: number; readonly usd: number | undefined };

/** Fetches media from the public internet and returns them as a data URL. */
export type FetchMedia = (part: MediaPart, signal: AbortSignal) => Promise<string>;

/** Counts what one request uses over all its attempts, which follow one another. */
export type UsageMeter<Answer> = {
  /** A request goes out to a target. */
  onSent(target: Target): void;
  /** A part of a stream goes to the caller. */
  onDelta(delta: Delta): void;
  /** The last attempt has answered. `usd` is what its usage costs, where that is known. */
  onSuccess(answer: Pick<Answer & OperationAnswer, 'usage'> & Partial<Answer>, usd: number | undefined): void;
  /** The last attempt has failed, perhaps after a part of its answer. */
  onFailure(code: FailureCode, usage: Usage | undefined): void;
  /** What the request comes to if it ends now. */
  total(): Amount;
  /** Whether a provider worked for one of the attempts and may charge for it. */
  wasCharged(): boolean;
};

/** How an operation that streams turns its events into a whole answer and back. */
export type Streaming<Answer> = {
  collect(events: Iterable<ProviderEvent>): Answer;
  toEvents(answer: Answer): Iterable<ProviderEvent>;
};

/**
 * One operation of the gateway. The pipeline in `routing/` is written against this: it knows nothing of messages, vectors
 * or whatever else a request holds.
 */
export type Operation<Request extends OperationRequest, Answer extends OperationAnswer> = {
  readonly name: OperationName;
  /** Reads what a face received. Throws INVALID_REQUEST with every issue. */
  parse(input: unknown): Request;
  /** Throws INVALID_REQUEST where the request is larger than its caller may send. */
  checkSize(request: Request, limits: CallerLimits): void;
  /** Whether the request holds fields of a provider's own API, which some callers may not send. */
  usesProviderOptions?(request: Request): boolean;
  /** Remote URLs in the request, which a provider would fetch, each with its path. */
  mediaUrls?(request: Request): readonly { readonly path: string; readonly url: string }[];
  /** The targets with the caller's limits applied where the request leaves them open. */
  withLimits(request: Request, targets: readonly Target[], limits: CallerLimits): readonly Target[];
  worstCase(request: Request, target: Target, costOf: CostOf): WorstCase;
  createMeter(request: Request, mode: Mode, costOf: CostOf, clock: Pick<Clock, 'now'>): UsageMeter<Answer>;
  /** The request as one target gets it: a route's parameters fill what the caller left open. */
  withParameters(request: Request, target: Target): Request;
  /** Fetches what the target takes only as data. Absent where an operation has no media. */
  inlineMedia?(
    request: Request,
    target: Target,
    codec: Pick<OperationCodec<Request, Answer>, 'dataOnly'>,
    fetchMedia: FetchMedia,
    signal: AbortSignalLike,
  ): Promise<Request> | Request;
  /** Throws UNSUPPORTED_OPTION where the provider does not offer the operation. */
  codecFor(adapter: ProviderAdapter, target: Target, request: Request): OperationCodec<Request, Answer>;
  /** Absent where the operation does not stream. */
  readonly streaming?: Streaming<Answer>;
};
