import type { ChatRequest } from './chat.ts';
import type { ProviderCompletion, ProviderEvent, Usage, Warning } from './completion.ts';
import type { GatewayError } from './errors.ts';
import type { Api, Target } from './model.ts';

export type Mode = 'whole' | 'stream';

/** A request in the words of one provider. It holds no key and no host. */
export type EncodedRequest = {
  /** Appended to the base URL. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Options that could not be honoured and change no contract. */
  readonly warnings: readonly Warning[];
};

/** One server-sent event, as far as providers use the format. */
export type ServerSentEvent = {
  readonly event: string | undefined;
  readonly data: string;
  /** HTTP status of a failure, where a comment of the event tells one (":HTTP_STATUS/429"). */
  readonly status?: number;
};

/** Reads one stream. Its calls follow the order of the wire. */
export type StreamDecoder = {
  /** What one server-sent event tells. Throws a GatewayError when it tells of a failure. */
  push(event: ServerSentEvent): readonly ProviderEvent[];
  /** The body has ended: what was still held back, or UPSTREAM_TRUNCATED when the end marker never came. */
  end(): readonly ProviderEvent[];
  /** What is known of the usage by now, for a stream that fails before it is told in the end. */
  usage(): Usage | undefined;
};

/** A provider's answer that is no success, or claims to be one and is not. */
export type UpstreamFailure = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/**
 * Speaks with one target in the words of its wire: pure functions. No socket, clock or environment, and no key in a body.
 */
export type Codec = {
  /** How people call the wire: "Messages". */
  readonly wire: string;
  /** Throws UNSUPPORTED_OPTION when the target cannot honour what the request is about. */
  encode(request: ChatRequest, mode: Mode): EncodedRequest;
  /** Whether this request is answered by a stream alone. A whole answer is then put together from one. Default: never. */
  streamsOnly?(request: ChatRequest): boolean;
  /** Reads a whole answer, already parsed from JSON. Throws when it is none. */
  decode(body: unknown): ProviderCompletion;
  decodeStream(): StreamDecoder;
  decodeFailure(failure: UpstreamFailure): GatewayError;
  /** The request without what the provider refused of it, where it can do without. It is asked again at once. */
  withoutRefused?(sent: EncodedRequest, failure: UpstreamFailure): EncodedRequest | undefined;
};

/** A provider: where it is, how it is shown a key, and what it is spoken to in. */
export type ProviderAdapter = {
  readonly id: string;
  /** How people call it. */
  readonly name: string;
  readonly baseUrl: string;
  /** Takes images only as data URLs; remote ones have to be fetched for it. */
  readonly imagesInline?: true;
  /** The wires that its models can be held to, where there is a choice. */
  readonly apis?: readonly Api[];
  /** Headers that carry the key. */
  authorize(key: string): Readonly<Record<string, string>>;
  /** Models of one provider may be on different wires. */
  codecFor(target: Target): Codec;
};
