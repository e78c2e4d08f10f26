import type { ChatRequest } from './chat.ts';
import type { ProviderCompletion, ProviderEvent, Usage, Warning } from './completion.ts';
import type { EmbedRequest, ProviderEmbeddings } from './embed.ts';
import type { GatewayError } from './errors.ts';
import type { RequestForm } from './foreign-fields.ts';
import type { MediaKind } from './media.ts';
import type { Api, Target } from './model.ts';
import type { PollStream } from './poll-stream.ts';
import type { ProviderTokenCount } from './token-count.ts';

export type Mode = 'whole' | 'stream';

/** A request in a provider's wire format. It holds no key and no host. */
export type EncodedRequest = {
  /** Appended to the base URL. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Besides those of the connection. Default: none. */
  readonly headers?: HeaderRecord;
  /** Options that the target does not support and that change no contract. */
  readonly warnings: readonly Warning[];
};

/** One server-sent event, with the fields that providers use. */
export type ServerSentEvent = {
  readonly event: string | undefined;
  readonly data: string;
  /** HTTP status of a failure, where a comment of the event holds one (":HTTP_STATUS/429"). */
  readonly status?: number;
};

/** Decodes one stream. Its calls follow the order of the wire. */
export type StreamDecoder = {
  /** The events in one server-sent event. Throws a GatewayError when it reports a failure. */
  push(event: ServerSentEvent): readonly ProviderEvent[];
  /** The body has ended: returns what was held back, or throws UPSTREAM_TRUNCATED when the end marker is missing. */
  end(): readonly ProviderEvent[];
  /** The usage known so far, for a stream that fails before its end. */
  usage(): Usage | undefined;
};

/** An unsuccessful response, or one that claims success and is none. */
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
  /** Whether it takes `suffix`: text after the gap that the model fills. Default: no. */
  readonly fillsIn?: true;
  /** The form whose unknown fields it passes on. Default: none. */
  readonly form?: RequestForm;
  /** Media that it takes as data only; those that come by URL are fetched for it. Default: none. */
  readonly dataOnly?: readonly MediaKind[];
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

export type EmbeddingCodec = OperationCodec<EmbedRequest, ProviderEmbeddings>;

export type EmbeddingsAdapter = {
  /** The most texts that one request takes. */
  readonly maxInputs: number;
  codecFor(target: Target): EmbeddingCodec;
};

type HeaderRecord = Readonly<Record<string, string>>;

/** A provider: its address, its authentication and its codecs. */
export type ProviderAdapter = {
  readonly id: string;
  /** Display name. */
  readonly name: string;
  readonly baseUrl: string;
  /** The APIs that its models can be pinned to, where there is a choice. */
  readonly apis?: readonly Api[];
  /** Headers that authenticate a request. A promise where a token has to be fetched or a body signed first. */
  authorize(key: string, request: () => SignableRequest): HeaderRecord | Promise<HeaderRecord>;
  /** Models of one provider may use different APIs, and so may requests that only one of them takes. */
  codecFor(target: Target, request?: Pick<ChatRequest, 'serverTools' | 'outputModalities'>): Codec;
  /** Absent where the provider has none. */
  readonly embeddings?: EmbeddingsAdapter;
  /** Absent where the provider counts no input tokens. */
  readonly tokenCount?: { codecFor(target: Target): OperationCodec<ChatRequest, ProviderTokenCount> };
};
