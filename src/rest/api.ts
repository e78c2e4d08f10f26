import type { Caller } from '../core/caller.ts';
import type { ChatEvent, Completion, Failure, Warning } from '../core/completion.ts';
import type { Gateway } from '../core/gateway.ts';
import type { JsonObject } from '../core/json-object.ts';
import type { ResumedStream } from '../core/kept-streams.ts';
import type { Observer } from '../core/observer.ts';
import type { Clock } from '../core/ports.ts';
import type { RestRequest } from './route.ts';

/** What all REST paths are built from. */
export type RestParts = {
  readonly gateway: Gateway;
  /** For keep-alive comments. */
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly onRefused: Observer['refused'];
};

/** Who asks, and what a request's names and headers say besides its body. */
export type Asked = {
  readonly caller: Caller;
  readonly headers: RestRequest['headers'];
  /** The id that a name of a model stands for. */
  readonly toModelId: (name: string) => string;
};

/** How the calls of one path are read, and how their failures are written. */
export type CallForm<Call> = {
  /** Throws INVALID_REQUEST for what has no equivalent in the input of the gateway. */
  decode(body: JsonObject, asked: Asked): Call;
  /** A failure before anything is sent. */
  toFailure(failure: Failure, given: Given<Call>): { readonly status: number; readonly body: object };
  /** A body that is no JSON object. */
  toBodyError(message: string, id: string): object;
  /** The response header with the call's id, besides `x-request-id`. */
  readonly idHeader?: string;
  /** Whether a client may continue a stream by `Last-Event-ID`. Default: no. */
  readonly resumes?: true;
  /** Whether its streams have the signatures of Anthropic's blocks of thinking. Default: no. */
  readonly hasSignatures?: true;
};

/**
 * One HTTP API for chat in front of the core: how it reads a request and how it writes answers and failures. Everything else
 * is `serveCalls`: limits, headers, cancellation, heartbeats and the order of what is sent.
 */
export type Api<Call extends ApiCall> = CallForm<Call> & {
  /** Warnings of an answer in the API's own names. */
  toWarnings(call: Call, completion: Completion): readonly Warning[];
  /** The body of a whole answer. `joined` has the bill of all choices, and is the answer itself where there is one. */
  toBody(
    call: Call,
    completions: readonly [Completion, ...Completion[]],
    joined: Completion,
    warnings: readonly Warning[],
  ): object;
  /**
   * The first answer to a call that goes on without its client, who fetches the rest by an id. Undefined for other calls.
   * Default: no call does.
   */
  toPending?(call: Call, streamId: string, created: Date): object | undefined;
  openStream(call: Call, sent: readonly Sent[], id: string): StreamRenderer;
  /** A failure as the last event of a stream that has begun. */
  toFailureEvent(failure: Failure, given: Given<Call>): string;
};

/** A request as it came, its id in the log, and what it was decoded to, if it could be. */
export type Given<Call> = { readonly body: JsonObject; readonly id: string; readonly call: Call | undefined };

export type ApiCall = {
  /** In the shape of ChatInput, unvalidated: rules are stated once, in core/chat.ts. */
  readonly input: JsonObject;
  readonly isStream: boolean;
  /** Choices, from 1. */
  readonly n: number;
  /** Fields of the request that have no effect, by the API's own names. */
  readonly warnings: readonly Warning[];
};

/** Where a resumed stream goes on: what was sent before. Undefined for a new one. */
export type Sent = Pick<ResumedStream, 'head' | 'callsBefore'> | undefined;

/** Writes the events of one answer as server-sent events. */
export type StreamRenderer = {
  render(choice: number, batch: readonly ChatEvent[]): string;
  /** Whether a choice has failed: the others are of no use then. */
  isFailed(): boolean;
};
