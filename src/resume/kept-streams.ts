import type { AbortSignalLike } from '../core/abort.ts';
import { anonymous, type Caller } from '../core/caller.ts';
import { toInvalidRequest } from '../core/chat.ts';
import type { ChatEvent } from '../core/completion.ts';
import type { KeepLimits } from '../core/disconnect-policy.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { CallFailure, withoutCall } from '../core/gateway.ts';
import { IdleTimer } from '../core/idle-timer.ts';
import {
  afterEnd,
  fromCursor,
  isStreamId,
  type KeptCall,
  type ResumedStream,
  type ResumeSettings,
  type StreamKeeper,
} from '../core/kept-streams.ts';
import type { KeptStreamEvent } from '../core/observer.ts';
import { forEachBatch, type PollStream } from '../core/poll-stream.ts';
import type { Clock, Log } from '../core/ports.ts';
import { KeptStream, type KeptStreamHost, type StreamFacts, stoppedByCaller } from './kept-stream.ts';
import type { Publication, RemoteStream, SharedStreams } from './shared-streams.ts';

export type KeptStreamRegistry = StreamKeeper & {
  /** Number of kept streams and the memory of their text, in bytes. */
  size(): { readonly streams: number; readonly bytes: number };
  /** Resolves when no stream runs any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

export type KeptStreamRegistryParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  readonly observe: (event: KeptStreamEvent) => void;
  /** Streams of other gateways. Undefined for a single one. */
  readonly shared: SharedStreams | undefined;
};

/** How long a copy without a reader is kept, in milliseconds. */
const copyMs = 1_000;
/** Readers of one stream on one gateway. */
const maxReaders = 32;

type Kept = {
  readonly stream: KeptStream;
  readonly settings: ResumeSettings;
  readonly publication: Publication | undefined;
  /** Memory of its text that is counted for its caller and for all. */
  countedBytes: number;
};

/** What one caller keeps. */
type Share = { readonly kept: Set<Kept>; bytes: number };

const nothingMayBeKept: KeepLimits = { allow: [], maxStreams: 0, maxBytes: 0 };

/** The kept streams of this gateway, and copies of those of other gateways while a client follows them here. */
export function createKeptStreams(parts: KeptStreamRegistryParts): KeptStreamRegistry {
  const { clock, log, newId, observe, shared } = parts;
  const streams = new Map<string, Kept>();
  const shares = new Map<string, Share>();
  let allBytes = 0;
  const copies = new Map<string, Promise<KeptStream>>();
  /** Copies that are up to date, each with what ends that. */
  const openCopies = new Map<KeptStream, () => void>();
  const waitingForIdle = new Set<() => void>();

  function ofCaller({ id }: Caller): readonly Kept[] {
    return [...(shares.get(id)?.kept ?? [])];
  }

  function add(kept: Kept): void {
    const { streamId, callerId } = kept.stream.facts;
    streams.set(streamId, kept);
    const share = shares.get(callerId) ?? { kept: new Set(), bytes: 0 };
    share.kept.add(kept);
    shares.set(callerId, share);
  }

  /** Counts the memory of a stream's text: sums, so that no request looks at the streams of others. */
  function count(kept: Kept, bytes: number): void {
    const share = shares.get(kept.stream.facts.callerId);
    if (share?.kept.has(kept)) {
      share.bytes += bytes - kept.countedBytes;
      allBytes += bytes - kept.countedBytes;
      kept.countedBytes = bytes;
    }
  }

  function remove(streamId: string): void {
    const kept = streams.get(streamId);
    if (!kept) return;
    count(kept, 0);
    streams.delete(streamId);
    const { callerId } = kept.stream.facts;
    const share = shares.get(callerId);
    share?.kept.delete(kept);
    if (share?.kept.size === 0) shares.delete(callerId);
    kept.publication?.remove();
    checkIdle();
  }

  function checkIdle(): void {
    if (waitingForIdle.size === 0 || [...streams.values()].some(({ stream }) => stream.isRunning)) return;
    for (const resolve of waitingForIdle) resolve();
    waitingForIdle.clear();
  }

  /** Removes ended streams without a reader, the oldest first, until a condition holds. Returns whether it does. */
  function makeRoom(candidates: readonly Kept[], isEnough: () => boolean): boolean {
    for (const { stream } of candidates) {
      if (isEnough()) return true;
      if (!stream.isRunning && stream.readers === 0) remove(stream.facts.streamId);
    }
    return isEnough();
  }

  function checkRoom(caller: Caller, streamId: string): void {
    const { maxStreams } = caller.keep ?? nothingMayBeKept;
    const others = () => ofCaller(caller).filter(({ stream }) => stream.facts.streamId !== streamId);
    if (makeRoom(others(), () => others().length < maxStreams)) return;
    const message = `Too many kept streams (limit ${maxStreams}, resume.maxStreams). Stop one of them, or retry when one has ended.`;
    throw new GatewayError('RATE_LIMITED', message, { retryAfterMs: 1_000 });
  }

  /** Reads the stream to its end. No client slows it down, except where the text of a caller exceeds its limit. */
  async function pump(kept: Kept, caller: Caller, source: PollStream<ChatEvent>): Promise<void> {
    const { stream } = kept;
    const { maxBytes } = caller.keep ?? nothingMayBeKept;
    const { totalBytes } = kept.settings;
    const isWithin = () => {
      count(kept, stream.log.bytes);
      return (shares.get(caller.id)?.bytes ?? 0) <= maxBytes && allBytes <= totalBytes;
    };
    // A small stream is left alone: others of its caller, or of all, take the memory.
    const isSmall = () => stream.log.bytes < maxBytes / 20;
    try {
      await forEachBatch(source, (batch) => {
        stream.append(batch);
        if (isWithin() || isSmall() || !stream.isRunning) return undefined;
        return shrink(kept, caller, isWithin);
      });
    } catch (thrown) {
      log.error({ err: thrown }, 'a kept stream broke: defect of the gateway');
      stream.fail(toGatewayError(thrown));
    }
    checkIdle();
  }

  /**
   * Frees memory: first ended streams, then the text that all readers of this one have. The provider waits for the slowest
   * reader; without any the stream ends.
   */
  async function shrink({ stream, publication }: Kept, caller: Caller, isWithin: () => boolean): Promise<void> {
    if (makeRoom(ofCaller(caller), isWithin) || makeRoom([...streams.values()], isWithin)) return;
    for (;;) {
      const { slowest } = stream;
      if (slowest === undefined) {
        const message = 'The text of this stream exceeded resume.maxBytes while no client read it.';
        stream.abort(new GatewayError('STREAM_LOST', message));
        return;
      }
      if (stream.log.trim(slowest)) publication?.remove();
      // What is left is less than a chunk per segment: a limit below that would stop every stream.
      if (isWithin() || slowest >= stream.log.end) return;
      await stream.nextAdvance();
    }
  }

  /** One timer for all: at the first of the times at which a stream expires. */
  const expiry = new IdleTimer(clock, () => {
    const now = clock.now();
    const all = [...streams.values()].map(({ stream }) => stream);
    for (const stream of [...all, ...openCopies.keys()]) {
      if (stream.expiresAt === undefined) continue;
      if (stream.expiresAt <= now) expire(stream);
      else expireAt(stream.expiresAt);
    }
  });
  let nextExpiry = Number.POSITIVE_INFINITY;

  function expireAt(time: number): void {
    const now = clock.now();
    if (nextExpiry > now && nextExpiry <= time) return;
    nextExpiry = time;
    expiry.set(Math.max(0, time - now));
  }

  function expire(stream: KeptStream): void {
    const { streamId } = stream.facts;
    stream.expiresAt = undefined;
    const kept = streams.get(streamId);
    if (openCopies.has(stream)) closeCopy(stream);
    else if (!kept || !stream.isRunning) remove(streamId);
    else {
      observe('expired');
      const message = `No client came back within ${kept.settings.graceMs} ms (resume.graceMs).`;
      stream.abort(new GatewayError('CANCELLED', message));
    }
  }

  const host: KeptStreamHost = {
    clock,
    onChange: ({ facts }) => streams.get(facts.streamId)?.publication?.changed(),
    onUnattended: ({ expiresAt = 0 }) => expireAt(expiresAt),
  };

  function create({ callId, caller, policy, requestId, provider, model, settings }: KeptCall): Kept {
    const streamId = callId !== undefined && isStreamId(callId) ? callId : newId();
    const startedAt = clock.date().getTime();
    const facts: StreamFacts = { streamId, callerId: caller.id, requestId, policy, provider, model, startedAt };
    const stream = new KeptStream(facts, settings, host);
    const kept: Kept = {
      stream,
      settings,
      publication: shared?.publish(stream, () => remove(streamId)),
      countedBytes: 0,
    };
    add(kept);
    return kept;
  }

  /** A local copy of a stream of another gateway, shared by its readers here. */
  function copyOf(remote: RemoteStream): Promise<KeptStream> {
    const { streamId } = remote.facts;
    const opening = copies.get(streamId) ?? openCopy(remote);
    copies.set(streamId, opening);
    opening.catch(() => copies.delete(streamId));
    return opening;
  }

  async function openCopy({ facts, follow }: RemoteStream): Promise<KeptStream> {
    const copy = new KeptStream({ ...facts, policy: 'wait' }, { graceMs: copyMs, keepMs: copyMs }, host);
    openCopies.set(copy, await follow(copy));
    copy.changed();
    return copy;
  }

  function closeCopy(copy: KeptStream): void {
    copies.delete(copy.facts.streamId);
    openCopies.get(copy)?.();
    openCopies.delete(copy);
  }

  async function find(caller: Caller, streamId: string): Promise<KeptStream> {
    const own = streams.get(streamId)?.stream;
    if (own?.facts.callerId === caller.id) return own;
    const remote = own ? undefined : await shared?.find(caller.id, streamId);
    if (!remote) throw toFailure(notFound());
    return copyOf(remote);
  }

  function attach(stream: KeptStream, position: number, signal: AbortSignalLike): ResumedStream {
    if (stream.readers >= maxReaders) {
      const message = `Too many readers of this stream (limit ${maxReaders}). Close one of them.`;
      throw toFailure(new GatewayError('RATE_LIMITED', message, { retryAfterMs: 1_000 }));
    }
    stream.resumes += 1;
    observe('resumed');
    return stream.read(position, signal);
  }

  return {
    async open(call) {
      const kept = create(call);
      const { stream } = kept;
      const { facts, signal = call.signal } = stream;
      const { streamId } = facts;
      const reader = stream.read(0, call.signal);
      try {
        const source = await call.start({
          streamId,
          signal,
          checkRoom: () => checkRoom(call.caller, streamId),
          resumes: () => stream.resumes,
        });
        void pump(kept, call.caller, source);
        return reader;
      } catch (thrown) {
        // A request that was refused leaves nothing. One that failed later is kept for clients that lost their connection.
        const failed = thrown instanceof CallFailure ? thrown.failure : undefined;
        if (failed && call.isAdmitted()) {
          stream.append([{ type: 'failed', ...failed }]);
          reader.cancel();
        } else {
          reader.cancel();
          remove(streamId);
        }
        checkIdle();
        throw thrown;
      }
    },
    async findByRequest(caller, requestId, signal) {
      const own = ofCaller(caller).find(
        ({ stream }) => stream.facts.requestId === requestId && stream.log.terminal?.type !== 'failed',
      );
      if (own) return attach(own.stream, 0, signal);
      const remote = await shared?.findByRequest(caller.id, requestId);
      return remote && attach(await copyOf(remote), 0, signal);
    },
    async resume(caller, streamId, after, signal) {
      const stream = await find(caller, streamId);
      return attach(stream, toPosition(after, stream, !streams.has(streamId)), signal);
    },
    async list(caller) {
      // Anonymous clients of a public address are one caller, and strangers to each other.
      if (caller.id === anonymous.id && !caller.admin) return [];
      const own = ofCaller(caller).map(({ stream }) => stream.info());
      const others = (await shared?.list(caller.id)) ?? [];
      const all = [...own, ...others.filter(({ streamId }) => !streams.has(streamId))];
      return all.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    },
    async result(caller, streamId) {
      const stream = await find(caller, streamId);
      if (stream.log.first > 1) throw toFailure(notKept());
      return stream.result();
    },
    async stop(caller, streamId) {
      const own = streams.get(streamId)?.stream;
      if (own?.facts.callerId === caller.id) {
        if (!own.isRunning) return 'ended';
        observe('stopped');
        own.abort(stoppedByCaller());
        return 'stopped';
      }
      const remote = own ? undefined : await shared?.find(caller.id, streamId);
      if (!remote) return 'not_found';
      if (!(await copyOf(remote)).isRunning) return 'ended';
      await remote.stop();
      observe('stopped');
      return 'stopped';
    },
    async remove(caller, streamId) {
      const own = streams.get(streamId)?.stream;
      if (own?.facts.callerId === caller.id) {
        own.abort(stoppedByCaller());
        remove(streamId);
        return true;
      }
      const remote = own ? undefined : await shared?.find(caller.id, streamId);
      await remote?.remove();
      return remote !== undefined;
    },
    size: () => ({ streams: streams.size, bytes: allBytes }),
    idle() {
      return new Promise((resolve) => {
        waitingForIdle.add(resolve);
        checkIdle();
      });
    },
    async close() {
      expiry.stop();
      await shared?.close();
    },
  };
}

/** Where a reader goes on. */
function toPosition(after: string | undefined, { log, facts }: KeptStream, isCopy: boolean): number {
  if (after === undefined) {
    if (log.first > 1) throw toFailure(notKept());
    return 0;
  }
  const { streamId, position } = fromCursor(after) ?? { streamId: '', position: 0 };
  // A copy may be behind the client, which was faster than the shared store.
  const isKnown = position <= log.end || (position === afterEnd && log.terminal !== undefined);
  if (streamId === facts.streamId && (isCopy || isKnown)) {
    if (position < log.first) throw toFailure(notKept());
    return position;
  }
  throw toFailure(toInvalidRequest([{ path: 'after', message: 'Expected the cursor of an event of this stream' }]));
}

function notFound(): GatewayError {
  return new GatewayError(
    'STREAM_NOT_FOUND',
    'This caller has no stream of this id: it was not kept (onDisconnect), or has expired. Send the request again.',
  );
}

function notKept(): GatewayError {
  return new GatewayError(
    'STREAM_LOST',
    'The text at this position is no longer kept: the stream exceeded resume.maxBytes. Send the request again.',
  );
}

/** The failure of a request that asks for a stream and makes no call. */
function toFailure(error: GatewayError): CallFailure {
  return new CallFailure(withoutCall(error));
}
