import type { AbortSignalLike } from './abort.ts';
import type { EventFraming, ServerSentEvent } from './adapter.ts';
import type { PollStream } from './poll-stream.ts';
import type { Secret } from './secret.ts';

/** What the policy layer is given from outside. */

export type UpstreamRequest = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
  readonly signal: AbortSignalLike;
  /** Called when the request goes out: there is a connection for it. */
  readonly onConnected: () => void;
  readonly waitTimer: WaitTimer;
};

/** Told of every wait for the other side. All the rest is work of this side. */
export type WaitTimer = {
  start(): void;
  /** The wait is over, or there was none. */
  stop(): void;
};

/** An answer whose body is still to be read, once, in one of three ways, or to be discarded. All throw GatewayErrors. */
export type UpstreamResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  text(): Promise<string>;
  /** UPSTREAM_MALFORMED for anything that is not JSON. */
  json(): Promise<unknown>;
  /** One batch for what has arrived together. Leaving early closes the connection, or frees it if the rest has come. */
  events(framing?: EventFraming): PollStream<ServerSentEvent>;
  /** Closes the connection: an answer that nobody reads would hold it. */
  discard(): void;
};

export type Upstream = {
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Ends every running call. */
  close(): Promise<void>;
};

/** Where a provider is reached, and with what. A provider without a connection is known, but not configured. */
export type Connection = {
  readonly baseUrl: URL;
  /** Used in turn. Empty for a server that asks for none. */
  readonly keys: readonly Secret[];
  readonly isSandbox: boolean;
};

export type Clock = {
  /** Milliseconds that only grow, for durations. */
  now(): number;
  /** The time of day. */
  date(): Date;
  /** Runs something later, never early, unless it is told not to. */
  after(ms: number, run: () => void): () => void;
};

/** How long a provider may take, in milliseconds. The slowness of a reader counts for none of them. */
export type Timeouts = {
  /** To a connection: name, TCP, TLS, proxy, or a free one where all that are allowed are in use. */
  readonly connectMs: number;
  /** From there to the head of a streamed response. */
  readonly headersMs: number;
  /** From the request to the end of a whole answer: its head comes only when the answer is complete. */
  readonly responseMs: number;
  /** To the first content of a stream: a model may think long before it. */
  readonly firstContentMs: number;
  /** Silence in a stream, not even a ping. */
  readonly idleMs: number;
  /** Nothing but pings in a stream. */
  readonly keepAliveOnlyMs: number;
  /** The whole call, all tries together. */
  readonly totalMs: number;
};

/** Other limits for one provider ("openai") or one model ("openai/o1"). */
export type TimeoutSettings = Timeouts & {
  readonly for: Readonly<Record<string, { readonly [limit in keyof Timeouts]?: number | undefined }>>;
};

/** Proxies for http and https addresses, which may hold a password, and the hosts that are reached without. */
export type Proxies = {
  readonly http: Secret | undefined;
  readonly https: Secret | undefined;
  readonly no: string | undefined;
};

/** A number from 0 up to 1, 1 excluded. */
export type Random = () => number;

/** What goes wrong inside and must not be told outside. */
export type Log = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
};
