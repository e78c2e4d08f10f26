import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent, Delta } from '../../src/core/completion.ts';
import { EventLog, positionOf } from '../../src/resume/event-log.ts';

const streamId = '00000000-0000-4000-8000-000000000000';
const started: ChatEvent = {
  type: 'started',
  ...{ streamId, id: 'a', provider: 'acme', model: 'm', isSandbox: false },
  created: new Date(0),
  ...{ timeToFirstTokenMs: 1, overheadMs: 0 },
};
const finished: ChatEvent = {
  type: 'finished',
  finishReason: 'stop',
  rawFinishReason: undefined,
  refusal: undefined,
  citations: [],
  usage: undefined,
  providerState: undefined,
  warnings: [],
  attempts: [],
  cost: undefined,
  ...{ latencyMs: 1, timeToFirstTokenMs: 1, overheadMs: 0 },
};

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const delta: fc.Arbitrary<Delta> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('content' as const), text }) },
  fc.record({ type: fc.constant('reasoning' as const), text }),
  fc.record({ index: fc.nat(2), argumentsDelta: fc.string({ maxLength: 6 }) }).map(({ index, argumentsDelta }) => ({
    ...{ type: 'tool_call' as const, index, id: `call_${index}`, name: 'look', argumentsDelta },
  })),
  fc.record({ type: fc.constant('file' as const), index: fc.nat(2), mediaType: fc.constant('audio/pcm'), data: text }),
  fc.record({
    type: fc.constant('server_tool' as const),
    id: text,
    name: fc.constant('web_search' as const),
    status: fc.constantFrom('running' as const, 'done' as const),
    input: fc.constant(undefined),
  }),
);
const long = fc.record({
  type: fc.constant('content' as const),
  text: fc.string({ minLength: 4_000, maxLength: 9_000 }),
});
const deltas = fc.array(fc.oneof({ weight: 30, arbitrary: delta }, { weight: 1, arbitrary: long }), { maxLength: 60 });

function partOf(event: Delta): string {
  switch (event.type) {
    case 'tool_call':
      return event.argumentsDelta;
    case 'file':
      return `${event.index} ${event.data}`;
    case 'server_tool':
      return `${event.id} ${event.status}`;
    default:
      return event.text;
  }
}

/** These are one position each. */
function isAtomic(kind: string): boolean {
  return kind === 'file' || kind === 'server_tool';
}

/** The content in its order: text of one kind is one entry, and so is each tool call. */
function contentOf(events: readonly ChatEvent[]): unknown[] {
  const content: [string, string][] = [];
  for (const event of events) {
    if (event.type === 'started' || event.type === 'finished' || event.type === 'failed') continue;
    const kind = event.type === 'tool_call' ? `call ${event.index} ${event.id} ${event.name}` : event.type;
    const part = partOf(event);
    const last = content.at(-1);
    if (last?.[0] === kind && !isAtomic(kind)) last[1] += part;
    else content.push([kind, part]);
  }
  return content;
}

function logOf(events: readonly ChatEvent[]): EventLog {
  const log = new EventLog(streamId);
  for (const event of events) log.append(event);
  return log;
}

/** Everything after a position, as a reader gets it. */
function readAll(log: EventLog, from = 0): ChatEvent[] {
  const events: ChatEvent[] = [];
  for (let at = from; at <= log.end; ) {
    const batch = log.readFrom(at);
    const last = batch.at(-1);
    if (!last) break;
    events.push(...batch);
    at = positionOf(last);
  }
  return events;
}

describe('the log of a stream', () => {
  it('gives back everything in its order, with one start and one end', () => {
    fc.assert(
      fc.property(deltas, (content) => {
        const events = readAll(logOf([started, ...content, finished]));
        expect(events[0]?.type).toBe('started');
        expect(events.filter(({ type }) => type === 'started' || type === 'finished')).toHaveLength(2);
        expect(events.at(-1)?.type).toBe('finished');
        expect(contentOf(events)).toEqual(contentOf(content));
      }),
    );
  });

  it('continues exactly after any position, also inside of a text or a call', () => {
    fc.assert(
      fc.property(deltas, fc.nat(), (content, where) => {
        const log = logOf([started, ...content, finished]);
        const position = 1 + (where % log.end);
        expect(contentOf(readAll(log, position))).toEqual(restAfter(contentOf(content), position));
      }),
    );
  });

  it('is read to the same content, however often and wherever a reader reconnects', () => {
    fc.assert(
      fc.property(deltas, fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }), (content, steps) => {
        const all = [started, ...content, finished];
        const log = new EventLog(streamId);
        const received: ChatEvent[] = [];
        let position = 0;
        let appended = 0;
        for (let round = 0; appended < all.length || position <= log.end; round++) {
          const step = steps[round % steps.length] ?? 0;
          for (const event of all.slice(appended, appended + step + 1)) log.append(event);
          appended += step + 1;
          // The connection breaks after some of the events: the rest is read again.
          const batch = log.readFrom(position);
          const taken = batch.slice(0, appended < all.length ? step % (batch.length + 1) : undefined);
          received.push(...taken);
          const last = taken.at(-1);
          if (last) position = positionOf(last);
        }
        expect(contentOf(received)).toEqual(contentOf(content));
      }),
    );
  });

  it('is copied exactly from batches that overlap', () => {
    fc.assert(
      fc.property(deltas, fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (content, starts) => {
        const log = logOf([started, ...content, finished]);
        const copy = new EventLog(streamId);
        for (const start of starts) {
          const from = Math.min(start, copy.end);
          expect(copy.appendRead(log.readFrom(from))).toBe(true);
        }
        while (!copy.terminal) copy.appendRead(log.readFrom(copy.end));
        expect(readAll(copy)).toEqual(readAll(log));
      }),
    );
  });

  it('notices missing events in a copy', () => {
    const log = logOf([started, { type: 'content', text: 'abcdef' }]);
    const copy = new EventLog(streamId);
    copy.appendRead(log.readFrom(0).slice(0, 1));
    log.append({ type: 'content', text: 'ghi' });
    expect(copy.appendRead(log.readFrom(7))).toBe(false);
  });

  it('drops text before a position in whole chunks, and keeps everything after it', () => {
    fc.assert(
      fc.property(fc.array(long, { minLength: 1, maxLength: 4 }), fc.nat(), (content, where) => {
        const log = logOf([started, ...content]);
        const position = 1 + (where % log.end);
        const rest = contentOf(readAll(log, position));
        const { bytes } = log;
        const isTrimmed = log.trim(position);
        expect(log.first).toBeLessThanOrEqual(Math.max(1, position));
        expect(log.bytes < bytes).toBe(isTrimmed);
        expect(contentOf(readAll(log, position))).toEqual(rest);
      }),
    );
  });
});

/** The reference: content after a position, where each text unit counts one, and the head of a call too. */
function restAfter(content: readonly unknown[], position: number): unknown[] {
  let left = position - 1;
  const rest: unknown[] = [];
  for (const [kind, part] of content as [string, string][]) {
    const head = kind.startsWith('call ') ? 1 : 0;
    if (left === 0) rest.push([kind, part]);
    else if (isAtomic(kind)) left -= 1;
    else if (left < head + part.length) {
      rest.push([kind, part.slice(left - head)]);
      left = 0;
    } else left -= head + part.length;
  }
  return rest;
}
