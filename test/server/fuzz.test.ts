import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { openSocket } from '../support/raw-http.ts';

/** Ten thousand requests that no client would send: the same ones every time. */

const count = 10_000;
const web = callerKey('web');

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({
    yaml: `${quickSandbox}server: { cors: ["https://app.example"] }\n${callersYaml(web)}`,
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Mulberry32: numbers from 0 to 1 that follow from the seed. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const chance = createChance(20_261);
const pick = <T>(...choices: [T, ...T[]]): T => choices[Math.floor(chance() * choices.length)] ?? choices[0];
const some = (most: number, piece: () => string) => Array.from({ length: Math.floor(chance() * most) }, piece).join('');
const bytes = (most: number) => some(most, () => String.fromCharCode(Math.floor(chance() * 256)));

const method = () =>
  pick(
    'GET',
    'POST',
    'POST',
    'POST',
    'PUT',
    'OPTIONS',
    'HEAD',
    'DELETE',
    'TRACE',
    'get',
    chance() < 0.2 ? bytes(6) : 'POST',
  );
const path = () =>
  pick(
    '/graphql',
    '/graphql',
    '/graphql',
    '/',
    '/healthz',
    '/v1/chat/completions',
    '/models',
    `/${bytes(20)}`,
    '*',
    `/graphql?query=${bytes(20)}`,
    'http://evil.example/graphql',
    '/../../etc/passwd',
    '/%00',
    '/__proto__',
    '//graphql',
  );
const host = () =>
  chance() < 0.9 ? 'localhost' : pick('a b', '', 'evil.example', '[::1', 'x'.repeat(300), bytes(9), 'localhost:99999');
const header = () =>
  pick(
    'Content-Type: application/json',
    'Content-Type: text/plain',
    'Accept: text/event-stream',
    'Accept: text/html',
    'Accept: application/graphql-response+json',
    `X-Api-Key: ${web.key}`,
    'Authorization: Bearer a.b.c',
    'Origin: https://app.example',
    'Access-Control-Request-Method: POST',
  );
const roughHeader = () =>
  pick(
    `Content-Type: ${bytes(9)}`,
    `Accept: ${bytes(9)}`,
    `Authorization: ${bytes(30)}`,
    `X-${bytes(5)}: ${bytes(20)}`,
    `Content-Length: ${pick('5', '-1', '1e3', '99999999', bytes(3))}`,
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Expect: nothing',
    'Upgrade: websocket\r\nConnection: Upgrade',
    'X: a\r\n b',
    'X: a\nY: b\rZ',
    `Big: ${'x'.repeat(20_000)}`,
  );
const token = () =>
  pick(
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '...',
    '$',
    '@skip',
    '"',
    '"""',
    'query',
    'subscription',
    'fragment F on Query',
    'chat',
    'chatStream',
    'models',
    'id',
    '__schema',
    '__proto__',
    'input',
    'null',
    '1e999',
    '\\u{110000}',
    '#',
    ',',
    bytes(3),
  );
const document = () =>
  pick(
    '{ __typename }',
    '{ models { id } }',
    '{ constructor }',
    'query ($a: JSONObject) { __typename }',
    some(30, () => `${token()} `),
  );
const value = (depth = 0): unknown =>
  pick<() => unknown>(
    () => null,
    () => chance() * 1e20,
    () => bytes(9),
    () => document(),
    () => (depth > 3 ? 1 : Array.from({ length: 3 }, () => value(depth + 1))),
    () => (depth > 3 ? {} : { [pick('input', '__proto__', 'constructor', 'toString', bytes(3))]: value(depth + 1) }),
  )();
const body = () =>
  pick(
    () => JSON.stringify({ query: document(), variables: value(), operationName: value(), extensions: value() }),
    () => JSON.stringify({ query: document(), [pick('documentId', 'id', '__proto__', 'extensions')]: value() }),
    () => JSON.stringify(value()),
    () => JSON.stringify({ query: document() }).slice(0, Math.floor(chance() * 40)),
    () => bytes(60),
    () => `5\r\n${bytes(5)}\r\n${pick('0\r\n\r\n', 'zz\r\n', '')}`,
    () => '['.repeat(Math.floor(chance() * 400)),
  )();

function request(): Buffer {
  const content = Buffer.from(body(), 'latin1');
  const length = chance() < 0.9 ? [`Content-Length: ${content.length}`] : [];
  // Half of the time it comes as far as the endpoint.
  const way = chance() < 0.5 ? ['Content-Type: application/json', `X-Api-Key: ${web.key}`] : [];
  const version = chance() < 0.9 ? '1.1' : pick('1.0', '2.0', '9');
  const line = way.length > 0 ? 'POST /graphql HTTP/1.1' : `${method()} ${path()} HTTP/${version}`;
  const more = Array.from({ length: Math.floor(chance() * 4) }, () => (chance() < 0.9 ? header() : roughHeader()));
  const headers = [...way, ...length, ...more];
  const head = [line, `Host: ${host()}`, 'Connection: close', ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), content]);
}

/** Sends it and hangs up its own side, so that what is incomplete ends at once. */
function exchange(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = openSocket(gateway.url);
    socket.once('connect', () => socket.end(bytes));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
    });
    socket.once('close', () => resolve(text));
  });
}

describe('ten thousand random requests', () => {
  it('are answered without a word of the inside, or not at all, and leave the gateway healthy', {
    timeout: 60_000,
  }, async () => {
    const statuses = new Map<string, number>();
    const requests = Array.from({ length: count }, request);
    for (let start = 0; start < count; start += 50) {
      const sent = requests.slice(start, start + 50);
      const answers = await Promise.all(sent.map(exchange));
      for (const [index, answer] of answers.entries()) {
        // "100 Continue" may stand in front of the answer.
        const [, status = answer === '' ? 'nothing' : 'no HTTP'] =
          /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const inside = /(^|\n)\s+at |node_modules|\/src\/|file:\/\/|node:|\.[jt]s:\d|(?<!Syntax )Error: /.exec(
          answer,
        )?.[0];
        if (inside !== undefined || status === 'no HTTP' || status.startsWith('5') || answer.includes(web.key)) {
          expect.fail(`${status} ${inside} for ${JSON.stringify(sent[index]?.toString('latin1'))}:\n${answer}`);
        }
      }
    }
    // They reach every part: the endpoint, the door, and the parser of requests.
    for (const status of ['200', '400', '401', '404', '405', '415'])
      expect(statuses.get(status), status).toBeGreaterThan(10);
    expect(gateway.log).toEqual([]);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });
});
