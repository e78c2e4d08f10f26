import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AbortSignalLike } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import type { TraceHeaders } from '../core/observer.ts';
import type { HttpError } from './http-error.ts';

/** A request whose caller is known and whose body is read, as every face gets it. */
export type FaceRequest = {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Within server.maxBodyBytes, and not nested too deeply. Empty for methods other than POST. */
  readonly body: string;
  readonly caller: Caller;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignalLike;
  readonly trace: TraceHeaders;
  readonly work: FaceWork;
};

/** What becomes of one HTTP request. */
export type FaceWork = {
  /** The `x-request-id` of its response. */
  readonly requestId: string;
  /** Calls of the gateway that it has begun. */
  calls: number;
  /** Whether it was admitted by its caller's limits. Work for other requests is limited apart. */
  isAdmitted: boolean;
};

/**
 * One API of the gateway: GraphQL, OpenAI's REST paths. The server knows faces by this list alone; adding one touches its own
 * folder and `assemble.ts`.
 */
export type Face = {
  owns(path: string): boolean;
  /** Whether callers with `persistedOnly` may use it. The face then refuses everything but persisted operations. */
  readonly servesPersistedOnly: boolean;
  /** Writes straight to the response: a reader that stops reading stops the provider. */
  handle(request: FaceRequest, response: ServerResponse): Promise<void>;
  /** Ends what it keeps open for requests to come, as soon as nothing runs on it: the gateway stops, or has another configuration. */
  drain?(): void;
  /** WebSocket connections to its paths. Absent: none. */
  readonly sockets?: {
    readonly protocol: string;
    open(socket: FaceSocket): void;
  };
  /** Writes a refusal of the server in the face's own form. */
  refuse(error: HttpError, response: ServerResponse): void;
};

/** A WebSocket connection of a face. */
export type FaceSocket = {
  readonly protocol: string;
  /** Of the upgrade request. */
  readonly trace: TraceHeaders;
  /**
   * The caller of the upgrade request. Where that named none: the one of these header names and values, as on an HTTP request.
   * Throws an HttpError.
   */
  identify(rawHeaders: string[]): Promise<Caller>;
  /** Whether the connection is closed as soon as nothing runs on it. No new operation may begin. */
  isDraining(): boolean;
  /** Throws an HttpError where the caller has used its time for free and refused work. */
  checkWork(): void;
  addWork(ms: number): void;
  /** Resolves when the system has taken the message: a client that does not read stops what is sent to it. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
  /** What the promise stands for runs on this connection until it is settled. */
  onMessage(handle: (text: string) => Promise<void>): void;
  onClose(listener: (code: number, reason: string) => void): void;
};

/** Serves a public page, and returns whether the request was for it. It is the same for every visitor, without authentication. */
export type PageHandler = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
