import type { ChatRequest } from './chat.ts';
import type { ProviderCompletion, ProviderEvent, Usage, Warning } from './completion.ts';
import type { GatewayError } from './errors.ts';
import type { Api, Target } from './model.ts';
import type { PollStream } from './poll-stream.ts';

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
 * Encodes one operation for one target and decodes its responses: pure functions. No socket, clock or environment, and no
 * key in a body.
 */
export type OperationCodec<Request, Answer> = {
  /** The public name of the wire format: "Messages". */
  readonly wire: string;
  /** Throws UNSUPPORTED_OPTION when the target cannot honour an option that changes the contract. */
  encode(request: Request, mode: Mode): EncodedRequest;
  /** Whether the target answers this request by a stream only. A whole answer is then collected from it. Default: never. */
  streamsOnly?(request: Request): boolean;
  /** Reads a whole answer, already parsed from JSON. Throws a GatewayError when it is none. */
  decode(body: unknown): Answer;
  decodeFailure(failure: UpstreamFailure): GatewayError;
  /** The request without the options that the provider refused, where it can do without them. It is sent at once. */
  withoutRefused?(sent: EncodedRequest, failure: UpstreamFailure): EncodedRequest | undefined;
  /** A decoder for one streamed answer. Absent where the operation does not stream. */
  decodeStream?(): StreamDecoder;
  /** Splits the bytes of a streamed answer into events. Default: server-sent events. */
  readonly framing?: EventFraming;
};

/** Splits a byte stream into events. */
export type EventFraming = (bytes: PollStream<Uint8Array>) => PollStream<ServerSentEvent>;

/** The codec of chat, which every provider has; other operations are added beside it. */
export type Codec = OperationCodec<ChatRequest, ProviderCompletion> & { decodeStream(): StreamDecoder };

/** What a signature may cover: the request as it is sent. */
export type SignableRequest = {
  readonly method: 'POST';
  readonly url: URL;
  readonly body: string;
  /** Wall clock time of the request. */
  readonly date: Date;
};

type HeaderRecord = Readonly<Record<string, string>>;

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
  /** Headers that authenticate a request. A promise where a token has to be fetched or a body signed first. */
  authorize(key: string, request: () => SignableRequest): HeaderRecord | Promise<HeaderRecord>;
  /** Models of one provider may be on different wires. */
  codecFor(target: Target): Codec;
};
