import type { ServerResponse } from 'node:http';
import type { AbortSignalLike } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import type { TraceHeaders } from '../core/observer.ts';

export type RestRequest = {
  readonly method: string;
  /** Without the query, which means nothing here. */
  readonly path: string;
  /** Empty for GET. */
  readonly body: string;
  readonly caller: Caller;
  /** Fires when the caller leaves. */
  readonly signal: AbortSignalLike;
  readonly trace: TraceHeaders;
};

/** Answers a request, or one route of all. It writes straight to the response: a reader who stops stops the provider. */
export type RestHandler = (request: RestRequest, response: ServerResponse) => Promise<void>;
