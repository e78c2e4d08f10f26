import { describe, expect, it } from 'vitest';
import type { ServerSentEvent } from '../../src/core/adapter.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { serverSentEvents } from '../../src/upstream/sse.ts';
import { inPieces } from '../support/replay.ts';
import { toSource } from '../support/to-poll-stream.ts';

/** The spellings of server-sent events that providers use, and what else they send. */

async function read(bytes: Uint8Array, cuts: readonly number[] = []): Promise<ServerSentEvent[]> {
  return (await Array.fromAsync(toAsyncIterable(serverSentEvents(inPieces(bytes, cuts))))).flat();
}

/** The same for every place at which the bytes are cut, and for all of them together. */
async function readCut(text: string): Promise<ServerSentEvent[]> {
  const bytes = Buffer.from(text);
  const events = await read(bytes);
  const places = Array.from(bytes.keys());
  for (const cuts of [places, ...places.map((place) => [place])]) expect(await read(bytes, cuts)).toEqual(events);
  return events;
}

const a = { event: undefined, data: 'a' };
const b = { event: undefined, data: 'b' };

describe('events', () => {
  it.each<[string, string, ServerSentEvent[]]>([
    ['with LF', 'data: a\n\ndata: b\n\n', [a, b]],
    ['with CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', [a, b]],
    ['with CR', 'data: a\r\rdata: b\r\r', [a, b]],
    ['with ends of all kinds', 'data: a\n\r\ndata: b\r\r\n', [a, b]],
    ['after a byte order mark', '\uFEFFdata: a\n\n', [a]],
    ['between comments and pings', ': ping - 2025-01-01\n\n:\ndata: a\n: keep-alive\n\n', [a]],
    ['without a space after the colon', 'event:error\ndata:a\n\n', [{ event: 'error', data: 'a' }]],
    ['in several lines of data', 'data: a\ndata: b\n\n', [{ event: undefined, data: 'a\nb' }]],
    ['with fields that nobody knows', 'id: 1\nretry: 5\nx: y\nevent: e\ndata: a\n\n', [{ event: 'e', data: 'a' }]],
    ['without the last empty line', 'data: a\n\ndata: b\n', [a, b]],
    ['without the end of the last line', 'data: a\n\ndata: b', [a, b]],
    ['in letters of several bytes', 'data: é漢😀\n\n', [{ event: undefined, data: 'é漢😀' }]],
    ['in no event at all', '\n\n: nothing\n\nevent: x\n\n', []],
    ['in an empty body', '', []],
  ])('%s are read', async (_form, text, events) => {
    expect(await readCut(text)).toEqual(events);
  });
});

describe('a bare JSON body at the end', () => {
  const error = '{"error":{"code":503}}';
  const stray = { event: undefined, data: error };

  it.each([
    ['after the last event', `data: a\n\n${error}`],
    ['after the last event, with CRLF', `data: a\r\n\r\n${error}\r\n`],
    ['after ends of two kinds', `data: a\n\r\n${error}`],
    ['right after the last line of data', `data: a\n${error}`],
    ['before empty lines', `data: a\n\n${error}\n\n`],
    ['before more of them', `data: a\n\n${error}\n\n\n\r\n`],
    ['after events of one piece each', `${': ping\n\n'.repeat(3)}data: a\r\n\r\n: ping\r\r${error}`],
  ])('%s is the last event', async (_place, text) => {
    const events = await readCut(text);
    expect(events.map(({ data }) => data.trim())).toEqual(['a', error]);
  });

  it('is an error when nothing came before it', async () => {
    expect(await readCut(error)).toEqual([stray]);
  });

  it('may have several lines, and a list around it', async () => {
    const text = '[{\n  "error": {\n    "code": 503\n  }\n}]\n';
    const [, last] = await readCut(`data: a\r\n\r\n${text}`);
    expect(JSON.parse(last?.data ?? '')).toEqual([{ error: { code: 503 } }]);
  });

  it.each([10_000, 20_000])('is not detected inside an event of any length: %i', async (length) => {
    const long = `data: {"text":"${'{'.repeat(length)}"}\n\n`;
    expect(await read(Buffer.from(long))).toHaveLength(1);
    expect(await read(Buffer.from(`data: ${'{'.repeat(length)}`))).toHaveLength(1);
  });
});

describe('a status in a comment', () => {
  const failed = 'id:1\nevent:error\n:HTTP_STATUS/429\ndata:{"code":"Throttling"}\n\n';

  it('belongs to its event', async () => {
    expect(await readCut(`${failed}data: a\n\n`)).toEqual([
      { event: 'error', data: '{"code":"Throttling"}', status: 429 },
      a,
    ]);
  });

  it('of a success is ignored', async () => {
    expect(await readCut('id:1\nevent:result\n:HTTP_STATUS/200\ndata:a\n\n')).toEqual([{ event: 'result', data: 'a' }]);
  });
});

it('refuses an event without an end', async () => {
  const endless = Buffer.from(`data: ${'x'.repeat(33 * 1024 * 1024)}`);
  await expect(read(endless)).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
});

it('refuses a stream without an end', async () => {
  const event = Buffer.from(`data: ${'x'.repeat(900_000)}\n\n`);
  async function* endless() {
    for (;;) yield [event];
  }
  let events = 0;
  const reading = (async () => {
    for await (const batch of toAsyncIterable(serverSentEvents(toSource(endless())))) events += batch.length;
  })();
  await expect(reading).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
  expect(events).toBe(Math.floor((64 * 1024 * 1024) / event.length));
});
