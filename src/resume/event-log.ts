import type { ChatEvent, Delta, TextDelta } from '../core/completion.ts';
import { afterEnd, fromCursor, type StartedEvent, toCursor } from '../core/kept-streams.ts';

/** The terminal event of a stream. */
export type TerminalEvent = Extract<ChatEvent, { type: 'finished' | 'failed' }>;

/** One batch of a reader has at most this many characters, so that a slow client is noticed between two of them. */
const maxReadChars = 64 * 1024;
/** Characters that are kept in one string. */
const chunkChars = 4 * 1024;
/** Pieces that are concatenated before the string is copied: each costs 32 bytes until then. */
const maxPieces = 16;
/** Estimated memory of a segment besides its text, in bytes. */
const segmentBytes = 200;

/**
 * The content of one stream as merged text, with positions. 0 is before the first event, 1 after `started`; from there each
 * UTF-16 unit of text counts one, and so do the head of a tool call (its index, id and name), and a file or server tool
 * event as a whole. After the terminal event the
 * position is `afterEnd`: a copy of the log may have ended before the client's position. A cursor is a position, so the text after any cursor is exact however it was cut before.
 */
export class EventLog {
  readonly #streamId: string;
  #started: StartedEvent | undefined;
  #terminal: TerminalEvent | undefined;
  #segments: Segment[] = [];
  #first = 0;
  #end = 0;
  #bytes = 0;

  constructor(streamId: string) {
    this.#streamId = streamId;
  }

  get started(): StartedEvent | undefined {
    return this.#started;
  }

  get terminal(): TerminalEvent | undefined {
    return this.#terminal;
  }

  /** The first position that is still kept. */
  get first(): number {
    return this.#first;
  }

  /** The position after the last event, the terminal one excluded. */
  get end(): number {
    return this.#end;
  }

  /** Estimated memory of the text, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: ChatEvent): void {
    switch (event.type) {
      case 'started':
        this.#started ??= event;
        this.#end ||= 1;
        return;
      case 'finished':
      case 'failed':
        this.#terminal ??= event;
        this.#segments.at(-1)?.seal();
        // A list that grew has room for more.
        this.#segments = [...this.#segments];
        return;
      default:
        this.#appendDelta(event);
    }
  }

  /**
   * Appends events that were read from another log, as far as they are new. Returns false where events before them are
   * missing.
   */
  appendRead(events: readonly ChatEvent[]): boolean {
    for (const event of events) {
      if (event.type === 'started' || event.type === 'finished' || event.type === 'failed') {
        this.append(event);
        continue;
      }
      const added = positionOf(event) - this.#end;
      const { length } = textOf(event);
      if (added > length + headLength(event)) return false;
      const isCut = added < length && isSplittable(event);
      if (added > 0) this.#appendDelta(isCut ? withText(event, textOf(event).slice(-added)) : event);
    }
    return true;
  }

  /** The events after a position, merged, each with its cursor. Empty where nothing came after it yet. */
  readFrom(position: number): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    let at = position;
    if (at === 0 && this.#started) {
      at = 1;
      events.push({ ...this.#started, cursor: this.#cursor(1) });
    }
    let left = maxReadChars;
    for (let index = this.#indexOf(at); index < this.#segments.length && left > 0; index++) {
      const segment = this.#segments[index];
      if (!segment || segment.end <= at) continue;
      const to = Math.min(segment.end, at + left);
      left -= to - at;
      const event = segment.slice(at, to);
      at = to;
      if (event) events.push({ ...event, cursor: this.#cursor(at) });
    }
    if (this.#terminal && at >= this.#end && at !== afterEnd && left > 0) {
      events.push({ ...this.#terminal, cursor: this.#cursor(afterEnd) });
    }
    return events;
  }

  /** Drops the text before a position, in whole chunks. Returns whether anything was dropped. */
  trim(position: number): boolean {
    const before = this.#bytes;
    while (this.#segments.length > 1 && (this.#segments[0]?.end ?? position) < position) {
      this.#bytes -= segmentBytes + (this.#segments.shift()?.trim(Number.POSITIVE_INFINITY) ?? 0);
    }
    const [first] = this.#segments;
    if (first) this.#bytes -= first.trim(position);
    if (this.#bytes < before) this.#first = first?.firstKept ?? position;
    return this.#bytes < before;
  }

  /** Tool calls that begin before a position. */
  callsBefore(position: number): number {
    let calls = 0;
    for (const { delta, start } of this.#segments) {
      if (start < position && delta.type === 'tool_call') calls = Math.max(calls, delta.index + 1);
    }
    return calls;
  }

  #cursor(position: number): string {
    return toCursor(this.#streamId, position);
  }

  #appendDelta(delta: Delta): void {
    const last = this.#segments.at(-1);
    const segment = last?.continues(delta) ? last : this.#addSegment(delta);
    const text = textOf(delta);
    segment.append(text);
    this.#bytes += memoryOf(text) + (segment === last ? 0 : segment.wholeBytes);
    this.#end = segment.end;
  }

  #addSegment(delta: Delta): Segment {
    const segment = new Segment(delta, this.#end);
    this.#segments.push(segment);
    this.#bytes += segmentBytes;
    return segment;
  }

  /** The segment that holds a position. */
  #indexOf(position: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#segments[middle]?.start ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}

/** The position after an event that was read from a log. */
export function positionOf({ cursor }: ChatEvent): number {
  return fromCursor(cursor ?? '')?.position ?? 0;
}

/** Neighbouring deltas of one kind. */
class Segment {
  /** The first delta, without its text. */
  readonly delta: Delta;
  readonly start: number;
  end: number;
  #chunks: string[] = [];
  /** Characters of dropped chunks. */
  #dropped = 0;
  #tail = '';
  #pieces = 0;

  constructor(delta: Delta, start: number) {
    this.delta = isSplittable(delta) ? withText(delta, '') : delta;
    this.start = start;
    this.end = this.#textStart;
  }

  /** Memory of a delta that is kept whole, in bytes. */
  get wholeBytes(): number {
    return this.delta.type === 'file' ? this.delta.data.length : 0;
  }

  get #textStart(): number {
    return this.start + headLength(this.delta);
  }

  get firstKept(): number {
    return this.#dropped === 0 ? this.start : this.#textStart + this.#dropped;
  }

  continues(delta: Delta): boolean {
    if (!isSplittable(delta)) return false;
    if (delta.type === 'tool_call') return this.delta.type === 'tool_call' && this.delta.index === delta.index;
    return this.delta.type === delta.type;
  }

  append(text: string): void {
    this.end += text.length;
    this.#tail += text;
    this.#pieces += 1;
    if (this.#tail.length >= chunkChars) {
      this.#chunks.push(flat(this.#tail));
      this.#tail = '';
      this.#pieces = 0;
    } else if (this.#pieces >= maxPieces) {
      this.#tail = flat(this.#tail);
      this.#pieces = 0;
    }
  }

  /** Nothing is appended any more. */
  seal(): void {
    this.#tail = flat(this.#tail);
    this.#chunks = [...this.#chunks];
  }

  /** Drops the chunks before a position. Returns the memory that they took. */
  trim(position: number): number {
    let bytes = 0;
    for (let [chunk] = this.#chunks; chunk !== undefined; [chunk] = this.#chunks) {
      if (this.#textStart + this.#dropped + chunk.length > position) return bytes;
      this.#chunks.shift();
      this.#dropped += chunk.length;
      bytes += memoryOf(chunk);
    }
    return position === Number.POSITIVE_INFINITY ? bytes + memoryOf(this.#tail) + this.wholeBytes : bytes;
  }

  /** The delta between two positions. Undefined where nothing is between them. */
  slice(from: number, to: number): Delta | undefined {
    if (!isSplittable(this.delta)) return from <= this.start ? this.delta : undefined;
    const text = this.#text(Math.max(from, this.#textStart) - this.#textStart, to - this.#textStart);
    if (this.delta.type === 'tool_call') {
      return from <= this.start || text !== '' ? { ...this.delta, argumentsDelta: text } : undefined;
    }
    return text === '' ? undefined : withText(this.delta, text);
  }

  #text(from: number, to: number): string {
    let text = '';
    let at = this.#dropped;
    for (const chunk of [...this.#chunks, this.#tail]) {
      if (at + chunk.length > from && at < to) text += chunk.slice(Math.max(0, from - at), to - at);
      at += chunk.length;
    }
    return text;
  }
}

type SplittableDelta = TextDelta | Extract<Delta, { type: 'tool_call' }>;

/** Whether a delta may be cut anywhere. Files and events of server tools are kept whole. */
function isSplittable(delta: Delta): delta is SplittableDelta {
  return delta.type !== 'file' && delta.type !== 'server_tool';
}

function headLength(delta: Delta): number {
  return delta.type === 'tool_call' || !isSplittable(delta) ? 1 : 0;
}

function textOf(delta: Delta): string {
  if (!isSplittable(delta)) return '';
  return delta.type === 'tool_call' ? delta.argumentsDelta : delta.text;
}

function withText(delta: SplittableDelta, text: string): Delta {
  return delta.type === 'tool_call' ? { ...delta, argumentsDelta: text } : { type: delta.type, text };
}

const wide = /[^\0-\xff]/;

/** V8 stores a string with one byte a character where it can. */
function memoryOf(text: string): number {
  return wide.test(text) ? text.length * 2 : text.length;
}

/** Copies a concatenated string into one piece: V8 has no other way that it keeps to. */
function flat(text: string): string {
  const encoding = wide.test(text) ? 'utf16le' : 'latin1';
  return Buffer.from(text, encoding).toString(encoding);
}
