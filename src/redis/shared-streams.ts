import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ChatEvent } from '../core/completion.ts';
import { disconnectPolicies } from '../core/disconnect-policy.ts';
import { GatewayError } from '../core/errors.ts';
import { type KeptStreamInfo, keptStreamStatuses } from '../core/kept-streams.ts';
import type { Clock, Log } from '../core/ports.ts';
import { positionOf } from '../resume/event-log.ts';
import { type KeptStream, type StreamFacts, stoppedByCaller } from '../resume/kept-stream.ts';
import type { Publication, RemoteStream, SharedStreams } from '../resume/shared-streams.ts';
import type { RedisConnection } from './connection.ts';
import { createStreamReader, type Entry, toEntry } from './stream-reader.ts';
import { readEvents, writeEvents } from './wire-events.ts';

export type SharedStreamsParts = {
  readonly redis: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
  /** A reader gets STREAM_LOST, because the gateway that ran its stream is gone. */
  readonly onLost: () => void;
};

/** How long text is collected before it is written, in milliseconds. */
const flushMs = 50;
/** Of a running stream whose gateway is silent, in milliseconds. Longer than any pause between two writes of `alive`. */
const runningTtlMs = 15 * 60_000;
/** The sign of life of a gateway: written so often, and valid so long. A dead one is noticed within 5 s. */
const aliveMs = 700;
const aliveTtlMs = 3_500;
const checkMs = 500;
/** How long a reader on another gateway counts without being announced again, in milliseconds. */
const readerTtlMs = 12_000;
const announceMs = 4_000;
/** Streams of one caller that are listed. */
const maxListed = 1_000;
/** Entries of one reply: a large one would look like an unavailable Redis. */
const pageEntries = 16;
/** Entries of a control stream that are kept: commands are read within milliseconds. */
const maxCommands = 1_000;

const facts = z.object({
  streamId: z.string(),
  callerId: z.string(),
  requestId: z.string().optional(),
  policy: z.enum(disconnectPolicies),
  provider: z.string(),
  model: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
});
const record = facts.extend({
  owner: z.string(),
  status: z.enum(keptStreamStatuses),
  resumes: z.number(),
  expiresAt: z.coerce.date().optional(),
});
type Record = z.output<typeof record>;

const commands = ['stop', 'remove', 'attach', 'detach'] as const;

/** A command to the gateway that runs a stream. Readers elsewhere keep it from waiting for a client. */
const command = z.object({ type: z.enum(commands), streamId: z.string(), from: z.string() });

const keys = {
  events: (streamId: string) => `parley:stream:${streamId}`,
  record: (streamId: string) => `parley:stream-info:${streamId}`,
  /** Ids of a caller's streams, by the time at which they expire. */
  caller: (callerId: string) => `parley:streams-of:${hash(callerId)}`,
  request: (callerId: string, requestId: string) => `parley:stream-of-request:${hash(`${callerId}\n${requestId}`)}`,
  alive: (gateway: string) => `parley:gateway:${gateway}`,
  control: (gateway: string) => `parley:control:${gateway}`,
};

/**
 * Streams that all gateways of one Redis can resume, follow and stop. The gateway that runs a stream writes its merged text in
 * batches to a Redis stream, which expires; the others follow it over one connection each.
 */
export function createSharedStreams({ redis, clock, log, onLost }: SharedStreamsParts): SharedStreams {
  const self = randomUUID();
  const own = new Map<
    string,
    {
      readonly stream: KeptStream;
      readonly readers: Map<string, number>;
      readonly remove: () => void;
      publish(): void;
      rewrite(): void;
      flush(): Promise<void>;
    }
  >();
  const followed = new Map<string, { readonly copy: KeptStream; readonly owner: string }>();
  const reader = createStreamReader(redis.client, clock, () => void send(self, { type: 'detach', streamId: '' }));
  let stopTicking: (() => void) | undefined;
  let stopListening: (() => void) | undefined;
  let ticks = 0;

  function start(): void {
    stopListening ??= reader.follow(keys.control(self), '0-0', onCommands);
    if (stopTicking) return;
    void beAlive();
    tick();
  }

  function tick(): void {
    stopTicking = clock.after(checkMs, () => {
      ticks += 1;
      if (own.size === 0 && followed.size === 0) {
        stopTicking = undefined;
        return;
      }
      void beAlive();
      void checkOwners();
      forgetReaders();
      if (ticks % Math.round(announceMs / checkMs) === 0) announce();
      tick();
    });
  }

  let lastAlive = Number.NEGATIVE_INFINITY;
  async function beAlive(): Promise<void> {
    if (own.size === 0 || clock.now() - lastAlive < aliveMs - checkMs / 2) return;
    lastAlive = clock.now();
    await redis.run((client) => client.set(keys.alive(self), '1', 'PX', aliveTtlMs));
  }

  /** Ends the copies of streams whose gateway is gone: the text so far, then STREAM_LOST. */
  async function checkOwners(): Promise<void> {
    const running = [...followed.values()].filter(({ copy }) => copy.isRunning);
    const dead = await deadAmong(new Set(running.map((one) => one.owner)));
    for (const { copy } of running.filter(({ owner }) => dead.has(owner))) {
      if (!copy.isRunning) continue;
      onLost();
      copy.fail(streamLost());
    }
  }

  async function deadAmong(owners: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const checked = [...owners].map(async (owner) => {
      const found = await redis.run((client) => client.exists(keys.alive(owner)));
      return found?.value === 0 ? [owner] : [];
    });
    return new Set((await Promise.all(checked)).flat());
  }

  function announce(): void {
    for (const [streamId, { copy, owner }] of followed) {
      if (copy.readers > 0 && copy.isRunning) void send(owner, { type: 'attach', streamId });
    }
  }

  function forgetReaders(): void {
    for (const { stream, readers } of own.values()) {
      for (const [from, until] of readers) if (until < clock.now()) readers.delete(from);
      countReaders(stream, readers);
    }
  }

  function countReaders(stream: KeptStream, readers: ReadonlyMap<string, number>): void {
    if (stream.remoteReaders === readers.size) return;
    if (readers.size > stream.remoteReaders) stream.resumes += 1;
    stream.remoteReaders = readers.size;
    stream.changed();
  }

  function onCommands(entries: readonly Entry[]): void {
    for (const { fields } of entries) {
      const { data } = command.safeParse(toJson(fields['c'] ?? ''));
      const target = data && own.get(data.streamId);
      if (!target) continue;
      const { stream, readers } = target;
      switch (data.type) {
        case 'stop':
          stream.abort(stoppedByCaller());
          break;
        case 'remove':
          stream.abort(stoppedByCaller());
          target.remove();
          break;
        case 'attach':
          readers.set(data.from, clock.now() + readerTtlMs);
          countReaders(stream, readers);
          break;
        case 'detach':
          readers.delete(data.from);
          countReaders(stream, readers);
      }
    }
  }

  async function send(gateway: string, message: { type: (typeof commands)[number]; streamId: string }): Promise<void> {
    const text = JSON.stringify({ ...message, from: self });
    await redis.run((client) =>
      client
        .multi()
        .xadd(keys.control(gateway), 'MAXLEN', '~', maxCommands, '*', 'c', text)
        .pexpire(keys.control(gateway), runningTtlMs)
        .exec(),
    );
  }

  function publish(stream: KeptStream, remove: () => void): Publication {
    const { streamId, callerId, requestId } = stream.facts;
    let written = 0;
    let stopFlush: (() => void) | undefined;
    let isRemoved = false;
    let lastRecord = '';

    async function flush(): Promise<void> {
      stopFlush = undefined;
      if (isRemoved || redis.isUnavailable) return;
      const from = written;
      const batches: string[] = [];
      for (let batch = read(); batch.length > 0; batch = read()) batches.push(writeEvents(batch));
      const text = JSON.stringify(toRecord(stream, self));
      if (batches.length === 0 && text === lastRecord) return;
      lastRecord = text;
      const ttlMs = ttlOf(stream, clock);
      const done = await redis.run((client) => {
        const commands = client.multi();
        if (from === 0) commands.del(keys.events(streamId));
        for (const batch of batches) commands.xadd(keys.events(streamId), '*', 'e', batch);
        commands.pexpire(keys.events(streamId), ttlMs).set(keys.record(streamId), text, 'PX', ttlMs);
        commands.zadd(keys.caller(callerId), clock.date().getTime() + ttlMs, streamId);
        commands.pexpire(keys.caller(callerId), 86_400_000);
        if (requestId !== undefined) commands.set(keys.request(callerId, requestId), streamId, 'PX', ttlMs);
        return commands.exec();
      });
      if (!done) {
        // Written again when Redis is back. Readers skip what they have.
        written = from;
        lastRecord = '';
      }
    }

    function read(): readonly ChatEvent[] {
      const batch = stream.log.readFrom(written);
      const last = batch.at(-1);
      if (last) written = positionOf(last);
      return batch;
    }

    const one = {
      stream,
      readers: new Map<string, number>(),
      remove,
      flush,
      rewrite() {
        written = 0;
        lastRecord = '';
        one.publish();
      },
      publish() {
        // The first text and the end are written at once, so that a client can come back to another gateway.
        const isUrgent = written <= 1 || !stream.isRunning;
        stopFlush ??= clock.after(isUrgent ? 0 : flushMs, () => void flush());
      },
    };
    own.set(streamId, one);
    start();
    one.publish();
    return {
      changed: one.publish,
      remove() {
        isRemoved = true;
        stopFlush?.();
        own.delete(streamId);
        void forget(callerId, streamId);
      },
    };
  }

  async function forget(callerId: string, streamId: string): Promise<void> {
    await redis.run((client) =>
      client.multi().del(keys.events(streamId), keys.record(streamId)).zrem(keys.caller(callerId), streamId).exec(),
    );
  }

  async function readPage(key: string, after: string): Promise<readonly Entry[]> {
    const page = await redis.run((client) => client.xrange(key, `(${after}`, '+', 'COUNT', pageEntries));
    return (page?.value ?? []).map(toEntry);
  }

  async function recordOf(callerId: string, streamId: string): Promise<Record | undefined> {
    const found = await redis.run((client) => client.get(keys.record(streamId)));
    const { data } = record.safeParse(toJson(found?.value ?? ''));
    return data?.callerId === callerId ? data : undefined;
  }

  function toRemote({ owner, status: _, resumes: __, expiresAt: ___, ...rest }: Record): RemoteStream {
    const known: StreamFacts = { ...rest, requestId: rest.requestId };
    const { streamId } = known;
    const key = keys.events(streamId);
    return {
      facts: known,
      stop: () => send(owner, { type: 'stop', streamId }),
      async remove() {
        await send(owner, { type: 'remove', streamId });
        // The gateway that ran it may be gone.
        await forget(known.callerId, streamId);
      },
      async follow(copy) {
        let isOpen = true;
        const onEntries = (entries: readonly Entry[]) => {
          for (const { fields } of entries) append(copy, fields['e'] ?? '');
        };
        let last = '0-0';
        for (let entries = await readPage(key, last); entries.length > 0; entries = await readPage(key, last)) {
          onEntries(entries);
          last = entries.at(-1)?.id ?? last;
        }
        if (!copy.isRunning) return () => {};
        followed.set(streamId, { copy, owner });
        start();
        void send(owner, { type: 'attach', streamId });
        const unfollow = reader.follow(key, last, onEntries);
        return () => {
          if (!isOpen) return;
          isOpen = false;
          unfollow();
          followed.delete(streamId);
          void send(owner, { type: 'detach', streamId });
        };
      },
    };
  }

  function append(copy: KeptStream, text: string): void {
    try {
      if (!copy.log.appendRead(readEvents(text))) throw new Error('Events are missing');
    } catch (thrown) {
      log.warn({ err: thrown }, 'unexpected content of a stream in Redis');
      copy.fail(streamLost());
    }
    copy.changed();
  }

  // A Redis that was restarted may have lost everything. Readers skip what they have.
  redis.onReconnect(() => {
    for (const one of own.values()) one.rewrite();
  });

  return {
    publish,
    async find(callerId, streamId) {
      const found = await recordOf(callerId, streamId);
      return found && toRemote(found);
    },
    async findByRequest(callerId, requestId) {
      const found = await redis.run((client) => client.get(keys.request(callerId, requestId)));
      const known = found?.value ? await recordOf(callerId, found.value) : undefined;
      return known && known.status !== 'failed' ? toRemote(known) : undefined;
    },
    async list(callerId) {
      const now = clock.date().getTime();
      const ids = await redis.run((client) =>
        client.zrange(keys.caller(callerId), now, '+inf', 'BYSCORE', 'LIMIT', 0, maxListed),
      );
      if (!ids || ids.value.length === 0) return [];
      const found = await redis.run((client) => client.mget(ids.value.map(keys.record)));
      const records = (found?.value ?? []).flatMap((text) => record.safeParse(toJson(text ?? '')).data ?? []);
      const dead = await deadAmong(new Set(records.filter(isRunning).map(({ owner }) => owner)));
      return records
        .filter((one) => one.callerId === callerId)
        .map((one) => toInfo(isRunning(one) && dead.has(one.owner) ? { ...one, status: 'failed' } : one));
    },
    async close() {
      stopTicking?.();
      stopListening?.();
      reader.close();
      // Answers that have ended stay for clients that come back to another gateway.
      await Promise.all([...own.values()].map((one) => one.flush()));
      await redis.run((client) => client.del(keys.alive(self)));
    },
  };
}

/** The end of a stream whose gateway is gone. */
function streamLost(): GatewayError {
  return new GatewayError(
    'STREAM_LOST',
    'The gateway that ran this stream is gone; the rest of the answer is lost. Send the request again.',
  );
}

function isRunning({ status }: Record): boolean {
  return status !== 'finished' && status !== 'failed';
}

function toRecord(stream: KeptStream, owner: string): object {
  const { callerId, startedAt } = stream.facts;
  return { ...stream.info(), startedAt, callerId, owner };
}

function toInfo({ owner: _, callerId: __, ...info }: Record): KeptStreamInfo {
  const { requestId, expiresAt, startedAt } = info;
  return { ...info, requestId, expiresAt, startedAt: new Date(startedAt) };
}

/** An ended stream is removed when its owner removes it, and otherwise when it would have expired there. */
function ttlOf(stream: KeptStream, clock: Clock): number {
  const { expiresAt } = stream.info();
  if (stream.isRunning || !expiresAt) return runningTtlMs;
  return Math.max(1_000, expiresAt.getTime() - clock.date().getTime());
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
