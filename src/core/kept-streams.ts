import type { AbortSignalLike } from './abort.ts';
import type { Caller } from './caller.ts';
import type { ChatEvent, Completion, Failure } from './completion.ts';
import type { DisconnectPolicy } from './disconnect-policy.ts';
import type { PollStream } from './poll-stream.ts';

/** Streams that outlive the connection of their client: they are resumed, followed and stopped by their id. */

export const keptStreamStatuses = ['starting', 'running', 'waiting', 'finished', 'failed'] as const;
export type KeptStreamStatus = (typeof keptStreamStatuses)[number];

/** A stream that runs or is kept, without its content. */
export type KeptStreamInfo = {
  readonly streamId: string;
  readonly requestId: string | undefined;
  readonly policy: DisconnectPolicy;
  readonly status: KeptStreamStatus;
  readonly provider: string;
  readonly model: string;
  readonly startedAt: Date;
  /** When it is removed, or stopped if no client comes back. Undefined while a client follows it. */
  readonly expiresAt: Date | undefined;
  readonly resumes: number;
};

export type StartedEvent = Extract<ChatEvent, { type: 'started' }>;

/** The rest of a stream from a position on. */
export type ResumedStream = PollStream<ChatEvent> & {
  /** The first event, where the position is behind it: faces whose events repeat its fields need it. */
  readonly head: StartedEvent | undefined;
  /** Tool calls that begin before the position. */
  readonly callsBefore: number;
};

/** How a kept stream failed, and when it began. */
export type KeptFailure = Failure & { readonly created: Date };

export const stopOutcomes = ['stopped', 'ended', 'not_found'] as const;
export type StopOutcome = (typeof stopOutcomes)[number];

export type KeptStreams = {
  /**
   * The stream after a cursor, then live, to its terminal event. Without a cursor from the beginning. Rejects with
   * CallFailure: STREAM_NOT_FOUND, INVALID_REQUEST for a cursor of another stream.
   */
  resume(caller: Caller, streamId: string, after: string | undefined, signal: AbortSignalLike): Promise<ResumedStream>;
  /** The caller's streams, the newest first. */
  list(caller: Caller): Promise<readonly KeptStreamInfo[]>;
  /** The answer so far, or at its end. */
  result(caller: Caller, streamId: string): Promise<Completion | KeptFailure>;
  stop(caller: Caller, streamId: string): Promise<StopOutcome>;
  /** Stops a stream and forgets its answer. Returns whether there was one. */
  remove(caller: Caller, streamId: string): Promise<boolean>;
};

export type ResumeSettings = {
  /** How long a stream with the policy `wait` goes on without a client, in milliseconds. */
  readonly graceMs: number;
  /** How long the answer of a stream with the policy `finish` is kept, in milliseconds. */
  readonly keepMs: number;
  /** Text of all kept streams of all callers, in bytes of memory. */
  readonly totalBytes: number;
};

/** A call whose stream is to be kept. */
export type KeptCall = {
  /** The call's id, which becomes the stream's. Default: a generated one. */
  readonly callId: string | undefined;
  readonly caller: Caller;
  readonly policy: DisconnectPolicy;
  readonly requestId: string | undefined;
  readonly provider: string;
  readonly model: string;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignalLike;
  readonly settings: ResumeSettings;
  /** Whether the caller's limits have admitted the request. Its failure is then kept, too. */
  readonly isAdmitted: () => boolean;
  /** Sends the request. It is aborted by this signal, not by the client's. */
  readonly start: (control: CallControl) => Promise<PollStream<ChatEvent>>;
};

export type CallControl = {
  readonly streamId: string;
  readonly signal: AbortSignalLike;
  /** Throws RATE_LIMITED where the caller keeps as many streams as it may. */
  readonly checkRoom: () => void;
  /** How often the stream was resumed. */
  readonly resumes: () => number;
};

/** What the gateway itself needs of the kept streams. */
export type StreamKeeper = KeptStreams & {
  /** Runs a call whose stream outlives the client's connection, and returns the client's reader. */
  open(call: KeptCall): Promise<ResumedStream>;
  /** The stream of an earlier request with this id, for a client that sends it again. */
  findByRequest(caller: Caller, requestId: string, signal: AbortSignalLike): Promise<ResumedStream | undefined>;
};

/** The position after the terminal event. */
export const afterEnd = Number.POSITIVE_INFINITY;

/** A position of a stream as clients see it, also as the `id` of a server-sent event. */
export function toCursor(streamId: string, position: number): string {
  return `${streamId}:${position === afterEnd ? 'end' : position}`;
}

/** Whether a text has the form of a stream's id, a UUID. */
export function isStreamId(text: string): boolean {
  return text.length === 36 && /^[0-9a-f-]+$/.test(text);
}

/** The parts of a cursor. Undefined for a text of another form. */
export function fromCursor(text: string): { readonly streamId: string; readonly position: number } | undefined {
  const match = text.length <= 100 ? /^([0-9a-f-]{36}):(\d{1,15}|end)$/.exec(text) : null;
  if (!match) return undefined;
  const [, streamId = '', position = ''] = match;
  return { streamId, position: position === 'end' ? afterEnd : Number(position) };
}
