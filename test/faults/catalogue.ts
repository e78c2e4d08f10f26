import { gzipSync } from 'node:zlib';
import type { Step } from '../support/fault-server.ts';
import { connections } from './connections.ts';
import {
  type AnswerFault,
  all,
  early,
  type Fault,
  fails,
  isFinal,
  type Outcome,
  ok,
  once,
  type Place,
  streamed,
} from './fault.ts';
import type { Wire } from './wires.ts';

/**
 * Every failure observed between gateways and providers, by the numbers of a list of 64, with the expected result of a call
 * for each.
 */

export const answer = 'Good d\u00e5y \u{1f642}';
export const pieces = ['Good', ' d\u00e5y \u{1f642}'];

/** Body and head of the good answer. */
const contentOf = (wire: Wire) => pieces.map(wire.content);
const goodEvents = (wire: Wire) => [...wire.head, ...contentOf(wire), ...wire.tail];
const goodBody = (wire: Wire, place: Place) => (place === 'whole' ? wire.whole(answer) : goodEvents(wire).join(''));
const typeOf = (place: Place) => (place === 'whole' ? 'application/json' : 'text/event-stream');

type Headers = Readonly<Record<string, string>>;

function head(status: number, headers: Headers): string {
  const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`;
}

function reply(place: Place, body: string | Buffer, headers: Headers = {}): Step[] {
  return [{ write: head(200, { 'content-type': typeOf(place), ...headers }) }, { write: body }, 'close'];
}

function status(code: number, body: string, headers: Headers = {}): Step[] {
  const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return [{ write: head(code, { ...length, ...headers }) }, { write: body }, 'close'];
}

const chunked = (piece: string) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`;

/** What has been sent before the failure. */
function soFar(wire: Wire, place: Place): string {
  if (place === 'whole') return wire.whole(answer).slice(0, 40);
  return place === 'before' ? wire.head.join('') : [...wire.head, ...contentOf(wire)].join('');
}

/** The body breaks at this point, in a body without a length. */
function breaksOff(wire: Wire, place: Place, ...then: Step[]): Step[] {
  return [{ write: head(200, { 'content-type': typeOf(place) }) }, { write: soFar(wire, place) }, ...then];
}

type Entry = readonly [
  number: number,
  title: string,
  places: readonly Place[],
  steps: AnswerFault['steps'],
  outcome: AnswerFault['outcome'],
  says?: string,
];

/** The gateway's key, which no caller may see. */
export const key = 'sk-canary-of-the-provider';
const inAMoment = () => new Date(Date.now() + 1000).toUTCString();
const longAgo = 'Mon, 01 Jan 2024 00:00:00 GMT';
const nonsense = 'UPSTREAM_MALFORMED';
const broken = ['UPSTREAM_UNREACHABLE', 'UPSTREAM_TRUNCATED'];

const headers: Entry[] = [
  [9, 'no head', early, () => ['stall'], fails('UPSTREAM_TIMEOUT')],
  [
    10,
    'a head that arrives slowly',
    early,
    (_wire, place) =>
      [...head(200, { 'content-type': typeOf(place) })].flatMap((write) => [{ write }, { waitMs: 100 }]),
    fails('UPSTREAM_TIMEOUT'),
  ],
  [
    11,
    'reset within the head',
    early,
    () => [{ write: 'HTTP/1.1 200 OK\r\nserver: x\r\nx-' }, { waitMs: 20 }, 'reset'],
    fails(...broken),
  ],
  [
    12,
    'a header of 32 KB',
    early,
    (wire, place) => reply(place, goodBody(wire, place), { 'x-large': 'x'.repeat(32_768) }),
    fails(nonsense),
  ],
  [13, 'a bad status line', early, () => [{ write: 'HTTP/9.9 abc\r\n\r\n' }, 'close'], fails(nonsense)],
  [
    14,
    'a flood of 1xx',
    early,
    (wire, place) => [
      { write: 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(50) },
      ...reply(place, goodBody(wire, place)),
    ],
    ok,
  ],
  [15, 'a redirect 302', early, () => status(302, '', { location: 'http://169.254.169.254/' }), isFinal(nonsense)],
  [15, 'a redirect 307', early, () => status(307, '', { location: 'http://127.0.0.1:9/' }), isFinal(nonsense)],
  [
    16,
    'bytes above ASCII in a header',
    early,
    (wire, place) => reply(place, goodBody(wire, place), { 'x-request-id': 'caf\u00e9\u0001' }),
    fails(nonsense),
  ],
  [
    16,
    'a line break in a header',
    early,
    (wire, place) => reply(place, goodBody(wire, place), { 'x-request-id': 'a\rset-cookie: b' }),
    fails(nonsense),
  ],
];

const statuses: Entry[] = [
  [
    17,
    'a 400 that quotes the key',
    early,
    (wire) => status(400, wire.errorBody(`bad request with ${key}`)),
    isFinal('UPSTREAM_REJECTED'),
  ],
  [18, 'a 401', early, (wire) => status(401, wire.errorBody('Invalid key')), isFinal('UPSTREAM_AUTHENTICATION')],
  [18, 'a 403', early, (wire) => status(403, wire.errorBody('Not for you')), isFinal('UPSTREAM_AUTHENTICATION')],
  [
    19,
    'a 404 for the model',
    early,
    (wire) => status(404, wire.errorBody('model not found')),
    isFinal('MODEL_NOT_FOUND'),
  ],
  [20, 'a 408', early, (wire) => status(408, wire.errorBody('Timeout')), fails('UPSTREAM_TIMEOUT')],
  [20, 'a 409', early, (wire) => status(409, wire.errorBody('Conflict')), fails('UPSTREAM_ERROR')],
  [20, 'a 425', early, (wire) => status(425, wire.errorBody('Too early')), fails('UPSTREAM_ERROR')],
  [
    21,
    'a 429 with seconds',
    early,
    (wire) => status(429, wire.errorBody('Slow down'), { 'retry-after': '1' }),
    fails('UPSTREAM_RATE_LIMITED'),
  ],
  [
    22,
    'a 429 with a date in the past',
    early,
    (wire) => status(429, wire.errorBody('Slow down'), { date: new Date().toUTCString(), 'retry-after': longAgo }),
    fails('UPSTREAM_RATE_LIMITED'),
  ],
  [
    22,
    'a 429 with a date ahead',
    early,
    (wire) => status(429, wire.errorBody('Slow down'), { date: new Date().toUTCString(), 'retry-after': inAMoment() }),
    fails('UPSTREAM_RATE_LIMITED'),
  ],
  [
    22,
    'a 429 with an invalid date',
    early,
    (wire) => status(429, wire.errorBody('Slow down'), { 'retry-after': 'later' }),
    fails('UPSTREAM_RATE_LIMITED'),
  ],
  [
    23,
    'a 429 with milliseconds',
    early,
    (wire) => status(429, wire.errorBody('Slow down'), { 'retry-after-ms': '5' }),
    fails('UPSTREAM_RATE_LIMITED'),
  ],
  [
    24,
    'a 429 for a spent account',
    early,
    () => status(429, '{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}'),
    isFinal('UPSTREAM_BILLING'),
  ],
  ...[500, 502, 503, 504].map(
    (code): Entry => [
      25,
      `a ${code}`,
      early,
      (wire) => status(code, wire.errorBody('Oops')),
      fails('UPSTREAM_ERROR', 'UPSTREAM_OVERLOADED', 'UPSTREAM_TIMEOUT'),
    ],
  ),
  [26, 'a 529', early, (wire) => status(529, wire.errorBody('Overloaded', 'overloaded')), fails('UPSTREAM_OVERLOADED')],
  [
    27,
    'a web page',
    early,
    () => [{ write: head(200, { 'content-type': 'text/html' }) }, { write: '<html>Hello</html>' }, 'close'],
    fails(nonsense),
  ],
  [
    28,
    'an error with status 200',
    early,
    (wire) => status(200, wire.errorBody('Something broke')),
    fails('UPSTREAM_ERROR', nonsense),
  ],
  [28, 'an empty body', early, (_wire, place) => reply(place, ''), fails(nonsense, 'UPSTREAM_TRUNCATED')],
  [28, 'a 204', early, () => [{ write: head(204, {}) }, 'close'], fails(nonsense, 'UPSTREAM_TRUNCATED')],
];

/** Fifty megabytes of filler, made once. */
const bomb = gzipSync(Buffer.alloc(50_000_000));

const bodies: Entry[] = [
  [
    29,
    'reset within the body',
    all,
    (wire, place) => [
      { write: head(200, { 'content-type': typeOf(place), 'transfer-encoding': 'chunked' }) },
      { write: chunked(soFar(wire, place)) },
      { waitMs: 20 },
      'reset',
    ],
    fails(...broken),
  ],
  [
    30,
    'an end without the last chunk',
    all,
    (wire, place) => [
      { write: head(200, { 'content-type': typeOf(place), 'transfer-encoding': 'chunked' }) },
      { write: chunked(soFar(wire, place)) },
      'close',
    ],
    fails(...broken),
  ],
  [
    31,
    'a Content-Length that is too large',
    all,
    (wire, place) => [
      { write: head(200, { 'content-type': typeOf(place), 'content-length': '100000' }) },
      { write: soFar(wire, place) },
      'close',
    ],
    fails(...broken),
  ],
  [
    32,
    'a Content-Length that is too small',
    early,
    (wire, place) => reply(place, goodBody(wire, place), { 'content-length': '60' }),
    fails(nonsense, ...broken),
  ],
  [
    33,
    'a bad chunk size',
    all,
    (wire, place) => [
      { write: head(200, { 'content-type': typeOf(place), 'transfer-encoding': 'chunked' }) },
      { write: `${chunked(soFar(wire, place))}xyz\r\n` },
      'close',
    ],
    fails(nonsense, ...broken),
  ],
  [
    34,
    'a body cut by its end',
    all,
    (wire, place) => breaksOff(wire, place, 'close'),
    fails('UPSTREAM_TRUNCATED', nonsense),
  ],
  ...(
    [
      [35, 'gzip that was not requested', (good: Buffer) => gzipSync(good)],
      [36, 'gzip in the header only', (good: Buffer) => good],
      [37, 'gzip that is cut', (good: Buffer) => gzipSync(good).subarray(0, 30)],
      [38, 'a gzip bomb', () => bomb],
    ] as const
  ).map(
    ([number, title, squeeze]): Entry => [
      number,
      title,
      early,
      (wire, place) => reply(place, squeeze(Buffer.from(goodBody(wire, place))), { 'content-encoding': 'gzip' }),
      fails(nonsense),
    ],
  ),
  [
    38,
    'six encodings at once',
    early,
    (wire, place) => {
      const good = Buffer.from(goodBody(wire, place));
      const folded = [1, 2, 3, 4, 5, 6].reduce((body) => gzipSync(body), good);
      return reply(place, folded, { 'content-encoding': 'gzip, gzip, gzip, gzip, gzip, gzip' });
    },
    fails(nonsense),
  ],
];

const bursts = new Map<Wire, Buffer>();

/** First and last events with content. Made once for each family. */
function burst(wire: Wire): Buffer {
  const [first = '', second = ''] = contentOf(wire);
  const made =
    bursts.get(wire) ??
    Buffer.from([...wire.head, first, wire.content('').repeat(100_000), second, ...wire.tail].join(''));
  bursts.set(wire, made);
  return made;
}

const timing: Entry[] = [
  [
    40,
    'a slow first token',
    once,
    (wire) => [
      { write: head(200, { 'content-type': 'text/event-stream' }) },
      { waitMs: 150 },
      { write: goodEvents(wire).join('') },
      'close',
    ],
    ok,
  ],
  [41, 'silence', all, (wire, place) => breaksOff(wire, place, 'stall'), fails('UPSTREAM_TIMEOUT')],
  [
    42,
    'nothing but pings',
    streamed,
    (wire, place) =>
      breaksOff(
        wire,
        place,
        ...Array.from({ length: 60 }, (): Step[] => [{ write: ': ping\n\n' }, { waitMs: 50 }]).flat(),
      ),
    fails('UPSTREAM_TIMEOUT'),
  ],
  [
    43,
    'a body that arrives slowly',
    early,
    (wire, place) => [
      { write: head(200, { 'content-type': typeOf(place) }) },
      ...[...goodBody(wire, place)].flatMap((write): Step[] => [{ write }, { waitMs: 50 }]),
    ],
    fails('UPSTREAM_TIMEOUT'),
  ],
  [
    44,
    'a hundred thousand events in one piece',
    once,
    (wire) => [{ write: head(200, { 'content-type': 'text/event-stream' }) }, { write: burst(wire) }, 'close'],
    ok,
  ],
  [
    45,
    'a stream without end',
    ['after'],
    (wire) =>
      breaksOff(
        wire,
        'after',
        ...Array.from({ length: 400 }, (): Step[] => [{ write: wire.content('…') }, { waitMs: 20 }]).flat(),
      ),
    fails('UPSTREAM_TIMEOUT'),
  ],
];

/** The good stream in another spelling. */
function written(number: number, title: string, rewrite: (text: string, wire: Wire) => string | Buffer): Entry {
  return [number, title, once, (wire) => reply('before', rewrite(goodEvents(wire).join(''), wire)), ok];
}

const onData = (text: string, change: (json: string) => string) =>
  text.replace(/^data: (\{.*\})$/gm, (_line, json: string) => change(json));

const longLine = Buffer.from(`data: ${'x'.repeat(10_000_000)}\n\n`);

const sse: Entry[] = [
  [
    46,
    'one byte at a time',
    once,
    (wire) => [
      { write: head(200, { 'content-type': 'text/event-stream' }) },
      ...[...Buffer.from(goodEvents(wire).join(''))].map((byte): Step => ({ write: Buffer.from([byte]) })),
      'close',
    ],
    ok,
  ],
  written(47, 'bytes that are not UTF-8', (text) =>
    Buffer.concat([Buffer.from(': '), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from(`\n\n${text}`)]),
  ),
  [
    47,
    'a character split between two events',
    once,
    (wire) => {
      const halves = [wire.content(`${pieces[0]} d\u00e5y \ud83d`), wire.content('\ude42')];
      return reply('before', [...wire.head, ...halves, ...wire.tail].join(''));
    },
    ok,
  ],
  [
    47,
    'a half of a character',
    once,
    (wire) => reply('before', [...wire.head, wire.content('half \ud83d'), ...wire.tail].join('')),
    ok,
    'half \ud83d',
  ],
  written(48, 'CR LF', (text) => text.replaceAll('\n', '\r\n')),
  written(48, 'CR', (text) => text.replaceAll('\n', '\r')),
  written(49, 'a byte order mark', (text) => `\ufeff${text}`),
  written(48, 'all line endings in turn', (text) => {
    const ends = ['\r\n', '\n', '\r'];
    return text
      .split('\n\n')
      .map((event, index) => event.replaceAll('\n', ends[index % 3] ?? '\n') + (ends[index % 3] ?? '\n').repeat(2))
      .join('');
  }),
  written(49, 'a second byte order mark', (text) => `\ufeff\ufeff: hello\n\n${text}`),
  written(50, 'comments and empty lines', (text) => `:\n\n: hello\n\n\n${text.replaceAll('\n\n', '\n\n: ping\n\n\n')}`),
  written(51, 'no space after the colon', (text) => text.replaceAll('data: ', 'data:')),
  written(51, 'data in several lines', (text) =>
    onData(text, (json) => `data: ${json.slice(0, 1)}\ndata: ${json.slice(1)}`),
  ),
  written(51, 'NUL', (text) => `: \0\n\nid: \0\nnothing: \0\n\n${text}`),
  [
    52,
    'a line of 10 MB',
    streamed,
    (wire, place) => breaksOff(wire, place, { write: longLine }, 'close'),
    fails(nonsense),
  ],
  written(53, 'no empty line at the end', (text) => text.replace(/\n\n$/, '')),
  [
    54,
    'JSON that is cut within an event',
    streamed,
    (wire, place) => breaksOff(wire, place, { write: 'data: {"choices":[{"del\n\n' }, 'close'),
    fails(nonsense),
  ],
  written(55, 'unknown fields and events', (text) => `event: novelty\nfoo: bar\ndata: {"type":"novelty"}\n\n${text}`),
  written(56, 'ids and retry times', (text) => `retry: 10\nid: 7\n${text}`),
];

/** OpenAI's marker repeats what the finish reason said; Anthropic's and Cohere's last events are the end. */
const toldByFinishReason =
  (codes: readonly string[]) =>
  (_place: Place, { provider }: Wire): Outcome =>
    provider === 'openai' || provider === 'google' ? 'OK' : { codes, retryable: true };

const usageCounts = /"(\w*tokens|\w+TokenCount)":\d+/g;

const called = 'look{"city":"G\u00f6teborg"}';

/** Tool calls in unusual forms. */
function calling(title: string, events: (wire: Wire) => readonly string[], says = called): Entry {
  const steps = (wire: Wire) => reply('before', [...wire.head, ...events(wire), ...wire.callTail].join(''));
  return [62, title, once, steps, ok, says];
}

const oneCall = (wire: Wire, index = 0, id = 'call_1') => wire.call(index, id, ['G', '\u00f6', 'te', 'borg']);

const semantics: Entry[] = [
  [
    57,
    'no end marker after the finish reason',
    ['after'],
    (wire) =>
      reply(
        'after',
        goodEvents(wire)
          .slice(0, wire.provider === 'google' ? undefined : -1)
          .join(''),
      ),
    toldByFinishReason(['UPSTREAM_TRUNCATED']),
  ],
  ...(['reset', 'close', 'stall'] as const).map(
    (how): Entry => [
      57,
      `a break after the finish reason: ${how}`,
      ['after'],
      (wire) => {
        const events = goodEvents(wire).slice(0, wire.provider === 'google' ? undefined : -1);
        const chunks = chunked(events.join(''));
        return [
          { write: head(200, { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' }) },
          { write: chunks },
          { waitMs: 20 },
          how,
        ];
      },
      toldByFinishReason(how === 'stall' ? ['UPSTREAM_TIMEOUT'] : broken),
    ],
  ),
  [58, 'no finish reason', ['after'], (wire) => breaksOff(wire, 'after', 'close'), fails('UPSTREAM_TRUNCATED')],
  written(58, 'a finish reason sent twice', (text, wire) => text.replace(wire.finish, '$&$&')),
  // Only where there is a marker after it.
  written(58, 'a finish reason after the end marker', (text, { provider, finish }) =>
    provider === 'openai' ? text.replace(finish, '') + finish : text,
  ),
  [59, 'an error as the first event', once, (wire) => reply('before', wire.errorEvent), fails('UPSTREAM_ERROR')],
  [
    60,
    'an error after the first content',
    ['after'],
    (wire) => breaksOff(wire, 'after', { write: wire.errorEvent }, 'close'),
    fails('UPSTREAM_ERROR'),
  ],
  [
    60,
    'an error outside of any event',
    ['after'],
    (wire) => breaksOff(wire, 'after', { write: `${wire.errorBody('Internal')}` }, 'close'),
    fails('UPSTREAM_ERROR', 'UPSTREAM_TRUNCATED', 'UPSTREAM_OVERLOADED'),
  ],
  written(61, 'negative token counts', (text) => text.replace(usageCounts, '"$1":-1')),
  written(61, 'token counts that are too large', (text) => text.replace(usageCounts, '"$1":1e300')),
  written(61, 'token counts of wrong types', (text) => text.replace(usageCounts, '"$1":"many"')),
  written(61, 'no token counts', (text) =>
    text.replace(/,?"(usage|usageMetadata)":\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, ''),
  ),
  written(61, 'token counts sent twice', (text, wire) => text.replace(wire.usage, '$&$&')),
  calling('arguments in many pieces', (wire) => oneCall(wire)),
  calling('a call that is never closed', (wire) => oneCall(wire).slice(0, -1)),
  calling('an index that jumps', (wire) => [...oneCall(wire, 0), ...oneCall(wire, 7, 'call_2')], called + called),
  calling('two calls of one id', (wire) => [...oneCall(wire, 0), ...oneCall(wire, 1)], called + called),
  written(63, 'empty chunks', (text, wire) => text.replace(wire.content(pieces[0] ?? ''), `data: {}\n\n$&`)),
  written(63, 'null and wrong types in fields', (text, wire) =>
    text.replace(wire.content(pieces[0] ?? ''), `${wire.oddities.join('')}$&`),
  ),
  written(63, 'an unknown model name', (text) => text.replaceAll(/"(model|modelVersion)":"m"/g, '"$1":"unheard-of"')),
  [
    63,
    'a start event after the first content',
    once,
    (wire) => {
      const [beginning = '', ...rest] = wire.head;
      const [first = '', second = ''] = contentOf(wire);
      return reply('before', [...rest, first, beginning, second, ...wire.tail].join(''));
    },
    ok,
  ],
  // Gemini may report a finish reason, and then send more.
  written(64, 'content after the end', (text, wire) =>
    wire.provider === 'google' ? text : text + wire.content('too late'),
  ),
];

const answers: readonly AnswerFault[] = [headers, statuses, bodies, timing, sse, semantics]
  .flat()
  .map(([number, title, places, steps, outcome, says = answer]) => ({ number, title, places, steps, outcome, says }));

export const catalogue: readonly Fault[] = [...connections, ...answers].sort((a, b) => a.number - b.number);

/** Provider behaviour that is fine. */
export function goodSteps(wire: Wire, place: Place): readonly Step[] {
  return reply(place, goodBody(wire, place));
}
