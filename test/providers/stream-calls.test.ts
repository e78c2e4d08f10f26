import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolCall } from '../../src/core/message.ts';
import { createCallReader } from '../../src/providers/openai-compatible/stream-calls.ts';

/** Any sequence of calls, written in any dialect of the servers that claim OpenAI's wire, is read as the same calls. */

type Delta = {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly type?: string;
  readonly function: { readonly name?: string | null; readonly arguments?: string };
};
type Chunk = readonly Delta[];
type Dialect = (calls: readonly ToolCall[], cut: (text: string) => readonly string[]) => readonly Chunk[];

const perCall =
  (write: (call: ToolCall, place: number, pieces: readonly string[]) => readonly Delta[]): Dialect =>
  (calls, cut) =>
    calls.flatMap((call, place) => write(call, place, cut(call.arguments)).map((delta) => [delta]));

const dialects: Readonly<Record<string, Dialect>> = {
  'OpenAI: a head with id and name, then pieces by index': perCall(({ id, name }, index, pieces) => [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
  ]),
  'OpenAI, pieces of parallel calls in turns': (calls, cut) => {
    const all = calls.map((call) => cut(call.arguments));
    const heads = calls.map(({ id, name }, index) => [{ index, id, function: { name, arguments: '' } }]);
    const rounds = Array.from({ length: Math.max(...all.map((pieces) => pieces.length)) }, (_, round) =>
      all.flatMap((pieces, index) =>
        pieces[round] === undefined ? [] : [{ index, function: { arguments: pieces[round] } }],
      ),
    );
    return [...heads, ...rounds];
  },
  'whole calls without an index': perCall(({ id, name }, _place, pieces) => [
    { id, type: 'function', function: { name, arguments: pieces.join('') } },
  ]),
  'all calls in one chunk, with neither index nor id': (calls) => [
    calls.map(({ name, arguments: args }) => ({ function: { name, arguments: args } })),
  ],
  'a head by id, then pieces without anything': perCall(({ id, name }, _place, pieces) => [
    { id, function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ function: { arguments: piece } })),
  ]),
  'index 0 for every call': perCall(({ id, name }, _place, pieces) => [
    { index: 0, id, function: { name, arguments: pieces[0] ?? '' } },
    ...pieces.slice(1).map((piece) => ({ index: 0, function: { arguments: piece } })),
  ]),
  'index 0 for every call, and no id': perCall(({ name }, _place, pieces) => [
    { index: 0, function: { name, arguments: pieces[0] ?? '' } },
    ...pieces.slice(1).map((piece) => ({ index: 0, function: { arguments: piece } })),
  ]),
  'heads at index 0, pieces at their own': perCall(({ id, name }, place, pieces) => [
    { index: 0, id, function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ index: place, function: { arguments: piece } })),
  ]),
  'an id that changes with every piece': perCall(({ id, name }, index, pieces) => [
    { index, id, function: { name, arguments: '' } },
    ...pieces.map((piece, next) => ({ index, id: `${id}-${next}`, function: { name: '', arguments: piece } })),
  ]),
  'id and name in every piece': perCall(({ id, name }, index, pieces) =>
    pieces.map((piece) => ({ index, id, function: { name, arguments: piece } })),
  ),
  'the same id for every call': perCall(({ name }, index, pieces) => [
    { index, id: 'call_0', function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
  ]),
  'the words "null" and "" for ids': perCall(({ name }, index, pieces) => [
    { index, id: 'null', function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ index, id: '', function: { name: null, arguments: piece } })),
  ]),
};

const calls = fc.array(
  fc.record({
    name: fc.constantFrom('look', 'read', 'write'),
    arguments: fc
      .dictionary(fc.constantFrom('a', 'b', '{"'), fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.constant({})))
      .map((value) => JSON.stringify(value)),
  }),
  { minLength: 1, maxLength: 5 },
);

function read(chunks: readonly Chunk[]): readonly ToolCall[] {
  const reader = createCallReader('oai');
  const read: ToolCall[] = [];
  for (const event of [...chunks.flatMap((chunk) => reader.read(chunk, 'a1')), ...reader.finish()]) {
    if (event.type !== 'tool_call') continue;
    const { index, id, name, argumentsDelta } = event;
    read[index] = { id, name, arguments: (read[index]?.arguments ?? '') + argumentsDelta };
  }
  return read;
}

describe('tool calls of a stream', () => {
  it.each(Object.entries(dialects))('%s', (_name, write) => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 7 }), (said, size) => {
        const cut = (text: string) => text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [''];
        const given = said.map((call, index) => ({ ...call, id: `c${index}` }));
        const seen = read(write(given, cut));
        expect(seen.map(({ name, arguments: args }) => [name, args])).toEqual(
          given.map(({ name, arguments: args }) => [name, args]),
        );
        expect(new Set(seen.map(({ id }) => id)).size).toBe(given.length);
      }),
    );
  });

  it('fail without a name', () => {
    expect(() => read([[{ index: 0, id: 'a', function: { arguments: '{}' } }]])).toThrow(/without a name/);
  });

  it('may have a name that comes last, and an empty piece at the end', () => {
    const chunks = [
      [{ index: 0, id: 'a', function: { arguments: '{}' } }],
      [{ index: 0, function: { name: 'look' } }],
      [{ index: 1, function: { arguments: '' } }],
    ];
    expect(read(chunks)).toEqual([{ id: 'a', name: 'look', arguments: '{}' }]);
  });
});
