import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishReasons } from '../../src/core/completion.ts';
import { recordings } from '../support/recordings.ts';
import { answerOf, eventsOf } from '../support/replay.ts';
import { request } from '../support/requests.ts';
import { signable } from '../support/signable.ts';
import { wireNamed } from '../support/wires.ts';

/** The laws that every codec passes on recordings. */

const told = recordings.map((recording) => ({ ...recording, spoken: wireNamed(recording.wire) }));

describe.each(told)('$wire: $name', ({ spoken: { codec }, whole, stream, expected }) => {
  it('is decoded to its content', () => {
    expect(codec.decode(whole)).toMatchObject(expected);
  });

  it('is equal whole and streamed', async () => {
    expect(await answerOf(codec, stream)).toEqual(codec.decode(whole));
  });

  it('is equal for any cut of its bytes', async () => {
    const uncut = await answerOf(codec, stream);
    // Of long streams some 500 places; the random cuts below find the others.
    const step = Math.ceil(stream.length / 500);
    for (let cut = 1; cut < stream.length; cut += step) {
      expect(await answerOf(codec, stream, [cut])).toEqual(uncut);
    }
    const cuts = fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        expect(await answerOf(codec, stream, places)).toEqual(uncut);
      }),
      { numRuns: 30 },
    );
  });

  it('begins with one started and ends with one finished', async () => {
    const types = (await eventsOf(codec, stream, [10, 50, 200, 300])).map(({ type }) => type);
    expect(types[0]).toBe('started');
    expect(types.at(-1)).toBe('finished');
    expect(types.filter((type) => type === 'started' || type === 'finished')).toHaveLength(2);
  });

  it('is the same with unknown fields', async () => {
    expect(codec.decode(withUnknownFields(whole))).toEqual(codec.decode(whole));
    const lines = stream.toString().replace(/^data: (\{.*\})$/gm, (_line, json: string) => {
      return `data: ${JSON.stringify(withUnknownFields(JSON.parse(json)))}`;
    });
    expect(await answerOf(codec, Buffer.from(lines))).toEqual(await answerOf(codec, stream));
  });

  it('is UPSTREAM_TRUNCATED when the end is missing', async () => {
    const text = stream.toString();
    const firstEvent = text.slice(0, text.indexOf('data: {', text.indexOf('data: {') + 1));
    await expect(answerOf(codec, Buffer.from(firstEvent))).rejects.toMatchObject({ code: 'UPSTREAM_TRUNCATED' });
  });
});

describe.each([...new Set(told.map(({ spoken }) => spoken))])('$name', ({ name, adapter, codec }) => {
  it('sends its key in a header, and nowhere else', async () => {
    const canary = 'sk-canary-4f9d';
    expect(JSON.stringify(await adapter.authorize(canary, signable))).toContain(canary);
    const { path, body } = codec.encode(request(), 'stream');
    expect(`${adapter.baseUrl}${path}${JSON.stringify(body)}`).not.toMatch(/key|authorization/i);
  });

  it("maps every finish reason, and keeps the provider's word", async () => {
    const words = [
      'stop',
      'end_turn',
      'tool_use',
      'length',
      'max_tokens',
      'content_filter',
      'refusal',
      'COMPLETE',
      'STOP',
      'max_output_tokens',
    ];
    for (const word of [...words, 'a_word_of_tomorrow', 'constructor', '__proto__']) {
      const [story] = told.filter(({ wire }) => wire === name);
      const answer = codec.decode(withFinishReason(story?.whole, word));
      expect(finishReasons).toContain(answer.finishReason);
      expect(answer.rawFinishReason).toBe(word);
    }
  });

  it.each([
    ['an empty object', {}],
    ['null', null],
    ['a list', []],
    ['a text', 'oops'],
    [
      'wrong types everywhere',
      { id: 1, model: {}, choices: 'x', content: 7, message: [], candidates: 3, usage: 'many' },
    ],
  ])('reads %s as an answer or a typed failure', (_what, body) => {
    try {
      expect(codec.decode(body).toolCalls).toEqual([]);
    } catch (failure) {
      expect(failure).toMatchObject({ name: 'GatewayError', code: expect.stringMatching(/^UPSTREAM_/) });
    }
  });

  it('does not read an end marker alone as an answer', async () => {
    const bytes = Buffer.from('data: [DONE]\n\n');
    await expect(answerOf(codec, bytes)).rejects.toMatchObject({
      code: expect.stringMatching(/^UPSTREAM_(TRUNCATED|MALFORMED)$/),
    });
  });

  it('reads a failure as the first event of a stream', async () => {
    const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded', code: 503 } };
    const bytes = Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`);
    await expect(answerOf(codec, bytes)).rejects.toMatchObject({ code: 'UPSTREAM_OVERLOADED', retryable: true });
  });
});

function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).map(([field, child]) => [
    field,
    isOpaque(field) ? child : withUnknownFields(child),
  ]);
  return { brand_new: { nested: [1, null, 'x'] }, ...Object.fromEntries(known), 'x-later': 'field' };
}

/** Tool arguments and signed blocks are passed on unchanged: additions there are no unknown fields. */
function isOpaque(field: string): boolean {
  return ['input', 'args', 'arguments'].includes(field);
}

function withFinishReason(whole: unknown, word: string): unknown {
  const text = JSON.stringify(whole).replace(
    /"(finish_reason|stop_reason|finishReason)":"[^"]*"/g,
    (_all, field) => `"${field}":"${word}"`,
  );
  // Responses reports it in its status, with the reason why it is incomplete.
  const told = JSON.parse(text);
  return told.object === 'response' ? { ...told, status: 'incomplete', incomplete_details: { reason: word } } : told;
}
