import type { AbortSignalLike } from './abort.ts';
import type { EventFraming, ServerSentEvent } from './adapter.ts';
import type { PollStream } from './poll-stream.ts';
import type { Secret } from './secret.ts';

/** Interfaces that the routing layer is given from outside. */

export type UpstreamRequest = {
  /** Id of the provider, for messages: the host of a base URL may be internal. */
  readonly provider: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
  readonly signal: AbortSignalLike;
  /** Called when the request is written: a connection is available. */
  readonly onConnected: () => void;
  readonly waitTimer: WaitTimer;
};

/** Measures waits for the other side. The rest of the time is the gateway's own. */
export type WaitTimer = {
  start(): void;
  /** The wait is over. Without a wait it changes nothing. */
  stop(): void;
};

/** A response whose body is read once, by one of three methods, or discarded. All throw GatewayErrors. */
export type UpstreamResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  text(): Promise<string>;
  /** UPSTREAM_MALFORMED for invalid JSON. */
  json(): Promise<unknown>;
  /** One batch per read. Cancelling early closes the connection, or frees it if the rest has arrived. */
  events(framing?: EventFraming): PollStream<ServerSentEvent>;
  /** Closes the connection, which an unread response would hold. */
  discard(): void;
};

export type Upstream = {
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Aborts all running requests. */
  close(): Promise<void>;
};

/** Address and keys of a provider. A provider without a connection is known but not configured. */
export type Connection = {
  readonly baseUrl: URL;
  /** Used in turn. Empty for a server without authentication. */
  readonly keys: readonly Secret[];
  readonly isSandbox: boolean;
};

export type Clock = {
  /** A monotonic clock in milliseconds, for durations. */
  now(): number;
  /** Wall clock time. */
  date(): Date;
  /** Runs a callback later, never early. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
};

/** Timeouts towards a provider, in milliseconds. A slow client counts for none of them. */
export type Timeouts = {
  /** To a connection: DNS, TCP, TLS and proxy, or a free connection of the pool. */
  readonly connectMs: number;
  /** From the connection to the head of a streamed response. */
  readonly headersMs: number;
  /** From the request to the end of a whole answer: its head arrives only when the answer is complete. */
  readonly responseMs: number;
  /** To the first content of a stream: a model may reason for minutes before it. */
  readonly firstContentMs: number;
  /** Without any byte in a stream. */
  readonly idleMs: number;
  /** With nothing but keep-alive events in a stream. */
  readonly keepAliveOnlyMs: number;
  /** The whole request with all its attempts. */
  readonly totalMs: number;
};

/** Overrides for one provider ("openai") or one model ("openai/o1"). */
export type TimeoutSettings = Timeouts & {
  readonly for: Readonly<Record<string, { readonly [limit in keyof Timeouts]?: number | undefined }>>;
};

/** Proxies for http and https, which may hold a password, and the hosts to reach directly. */
export type Proxies = {
  readonly http: Secret | undefined;
  readonly https: Secret | undefined;
  readonly no: string | undefined;
};

/** A number in [0, 1). */
export type Random = () => number;

/** For operators: what callers must not see. */
export type Log = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
};
