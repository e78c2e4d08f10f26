import { type AbortSignalLike, LightAbortController } from '../core/abort.ts';
import { collect } from '../core/collect.ts';
import type { AnswerContent, ChatEvent, Completion, Delta, Failure, ProviderEvent } from '../core/completion.ts';
import type { DisconnectPolicy } from '../core/disconnect-policy.ts';
import { GatewayError } from '../core/errors.ts';
import { afterEnd, type KeptFailure, type KeptStreamInfo, type ResumedStream } from '../core/kept-streams.ts';
import type { Poll } from '../core/poll-stream.ts';
import type { Clock } from '../core/ports.ts';
import { EventLog, positionOf, type TerminalEvent } from './event-log.ts';

/** What is known of a kept stream besides its content. */
export type StreamFacts = {
  readonly streamId: string;
  readonly callerId: string;
  readonly requestId: string | undefined;
  readonly policy: DisconnectPolicy;
  /** As requested, until the first event names the target that answers. */
  readonly provider: string;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
};

/** Callbacks of the registry that holds a stream. One object for all its streams, to save memory. */
export type KeptStreamHost = {
  readonly clock: Clock;
  /** Something was appended, or the number of readers changed. */
  onChange(stream: KeptStream): void;
  /** No client follows the stream: it expires at the time `expiresAt`. */
  onUnattended(stream: KeptStream): void;
};

/** How long a stream without a client is kept, in milliseconds. */
export type KeepTimes = {
  /** While it runs. */
  readonly graceMs: number;
  /** After its end, with the policy `finish`. */
  readonly keepMs: number;
};

/**
 * A stream that any number of readers follow, each at its own position of one log. A reader that is slow or gone slows
 * neither the others nor the provider.
 */
export class KeptStream {
  readonly facts: StreamFacts;
  readonly log: EventLog;
  resumes = 0;
  /** Readers on other gateways. */
  remoteReaders = 0;
  /** On the registry's clock. Undefined while a client follows it, or while it runs to its end without one. */
  expiresAt: number | undefined;
  readonly #host: KeptStreamHost;
  readonly #times: KeepTimes;
  #readers: readonly Reader[] = noReaders;
  #wasRunning = true;
  #onAdvance: (() => void) | undefined;
  /** Undefined after the end: what listens to it holds the whole call. */
  #controller: LightAbortController | undefined = new LightAbortController();

  constructor(facts: StreamFacts, times: KeepTimes, host: KeptStreamHost) {
    this.facts = facts;
    this.log = new EventLog(facts.streamId);
    this.#times = times;
    this.#host = host;
  }

  /** Aborted when the call is to end. */
  get signal(): AbortSignalLike | undefined {
    return this.#controller;
  }

  /** Ends the call: its terminal event has this error. */
  abort(reason: GatewayError): void {
    this.#controller?.abort(reason);
  }

  get isRunning(): boolean {
    return this.log.terminal === undefined;
  }

  get readers(): number {
    return this.#readers.length + this.remoteReaders;
  }

  /** The position of the reader that is furthest behind. Undefined without a reader of this gateway. */
  get slowest(): number | undefined {
    return this.#readers.length === 0 ? undefined : Math.min(...this.#readers.map(({ position }) => position));
  }

  append(events: readonly ChatEvent[]): void {
    for (const event of events) this.log.append(event);
    if (!this.isRunning) this.#controller = undefined;
    this.changed();
  }

  /** Wakes the readers. */
  changed(): void {
    for (const reader of this.#readers) reader.wake();
    this.#watchExpiry();
    this.#host.onChange(this);
  }

  /** A reader has read. */
  advanced(): void {
    this.#onAdvance?.();
    this.#onAdvance = undefined;
  }

  /** Resolves when a reader has read or left. */
  nextAdvance(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAdvance = resolve;
    });
  }

  /** Ends the stream where its source cannot: with the text so far, and this failure. */
  fail(error: GatewayError): void {
    if (!this.isRunning) return;
    this.append([{ type: 'failed', ...this.#failure(error) }]);
  }

  /** A reader at a position. It leaves when the signal is aborted or it is cancelled. */
  read(position: number, signal: AbortSignalLike): ResumedStream {
    const reader = new Reader(this, position, signal, () => {
      this.#readers = this.#readers.length === 1 ? noReaders : this.#readers.filter((one) => one !== reader);
      this.advanced();
      this.changed();
    });
    this.#readers = [...this.#readers, reader];
    if (signal.aborted) reader.cancel();
    else signal.addEventListener('abort', reader.cancel, { once: true });
    this.changed();
    return reader;
  }

  info(): KeptStreamInfo {
    const { streamId, requestId, policy, startedAt } = this.facts;
    const { provider, model } = this.log.started ?? this.facts;
    const { resumes } = this;
    return {
      ...{ streamId, requestId, policy, provider, model, resumes },
      status: this.#status(),
      startedAt: new Date(startedAt),
      expiresAt: this.expiresAt === undefined ? undefined : this.#dateOf(this.expiresAt),
    };
  }

  result(): Completion | KeptFailure {
    const { started, terminal } = this.log;
    const { text, ...content } = this.content();
    const created = new Date(this.facts.startedAt);
    if (terminal?.type === 'failed') {
      const { type: _, cursor: __, ...failure } = terminal;
      return { ...failure, partialText: text, created };
    }
    const { provider, model, streamId: id } = this.facts;
    const { type, streamId, cursor, ...head } = {
      ...{ type: '', streamId: '', cursor: '' },
      ...(started ?? { id, provider, model, created, isSandbox: false }),
    };
    const end: typeof notEnded | Extract<TerminalEvent, { type: 'finished' }> = terminal ?? notEnded;
    return { ...head, text, ...content, ...end, ...(terminal ? {} : { isPartial: true }) };
  }

  /** What was received so far. */
  content(): AnswerContent {
    const { text, reasoning, toolCalls, files = [] } = collect(this.#deltas());
    return { text, reasoning, toolCalls, files };
  }

  /** Everything that was received, merged, in the form in which whole answers are collected. */
  #deltas(): readonly ProviderEvent[] {
    const deltas: ProviderEvent[] = [];
    const { log } = this;
    for (let at = 1, batch = log.readFrom(at); batch.length > 0 && at <= log.end; batch = log.readFrom(at)) {
      deltas.push(...batch.filter(isDelta));
      at = endOf(batch);
    }
    return [...deltas, { type: 'finished', ...notEnded }];
  }

  #status(): KeptStreamInfo['status'] {
    const { started, terminal } = this.log;
    if (terminal) return terminal.type === 'finished' ? 'finished' : 'failed';
    if (!started) return 'starting';
    return this.readers === 0 ? 'waiting' : 'running';
  }

  #watchExpiry(): void {
    const { graceMs, keepMs } = this.#times;
    const { policy } = this.facts;
    // A client that comes back after the end has as much time as one that comes back before it.
    if (this.#wasRunning && !this.isRunning) this.expiresAt = undefined;
    this.#wasRunning = this.isRunning;
    if (this.readers > 0 || (this.isRunning && policy === 'finish')) this.expiresAt = undefined;
    else if (this.expiresAt === undefined) {
      this.expiresAt = this.#host.clock.now() + (policy === 'finish' ? keepMs : graceMs);
      this.#host.onUnattended(this);
    }
  }

  #dateOf(time: number): Date {
    const { clock } = this.#host;
    return new Date(clock.date().getTime() + time - clock.now());
  }

  #failure(error: GatewayError): Failure {
    const { provider, model } = this.log.started ?? this.facts;
    const nothing = { attempts: [], usage: undefined, cost: undefined, timeToFirstTokenMs: undefined };
    return { error, provider, model, ...nothing, latencyMs: 0, overheadMs: 0 };
  }
}

/** One list for all streams without a reader. */
const noReaders: readonly Reader[] = [];

/** The end of an answer that still runs. */
const notEnded = {
  finishReason: 'other',
  rawFinishReason: undefined,
  refusal: undefined,
  citations: [],
  usage: undefined,
  providerState: undefined,
  warnings: [],
  attempts: [],
  cost: undefined,
  latencyMs: 0,
  timeToFirstTokenMs: undefined,
  overheadMs: 0,
} as const;

function isDelta(event: ChatEvent): event is ChatEvent & Delta {
  return event.type !== 'started' && event.type !== 'finished' && event.type !== 'failed';
}

function endOf(batch: readonly ChatEvent[]): number {
  const last = batch.at(-1);
  return last ? positionOf(last) : 0;
}

class Reader implements ResumedStream {
  readonly #stream: KeptStream;
  readonly #signal: AbortSignalLike;
  readonly #onLeft: () => void;
  #position: number;
  #isOpen = true;
  #wake: (() => void) | undefined;

  constructor(stream: KeptStream, position: number, signal: AbortSignalLike, onLeft: () => void) {
    this.#stream = stream;
    this.#position = position;
    this.#signal = signal;
    this.#onLeft = onLeft;
  }

  get position(): number {
    return this.#position;
  }

  get head() {
    return this.#position > 0 ? this.#stream.log.started : undefined;
  }

  get callsBefore() {
    return this.#stream.log.callsBefore(this.#position);
  }

  poll(): Poll<ChatEvent> {
    const { log } = this.#stream;
    if (!this.#isOpen) return 'done';
    if (this.#position === afterEnd) {
      this.cancel();
      return 'done';
    }
    const events = log.readFrom(this.#position);
    if (events.length === 0) return 'pending';
    this.#position = endOf(events);
    this.#stream.advanced();
    const last = events.at(-1);
    if (last?.type !== 'finished') return events;
    return [...events.slice(0, -1), { ...last, answer: () => this.#stream.content() }];
  }

  ready(): Promise<void> {
    if (!this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  readonly cancel = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#signal.removeEventListener('abort', this.cancel);
    this.#onLeft();
    this.wake();
  };
}

/** Why a stream was stopped by a caller. */
export function stoppedByCaller(): GatewayError {
  return new GatewayError('CANCELLED', 'The stream was stopped (stopChatStream).');
}
