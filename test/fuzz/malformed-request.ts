import type { Dice } from './random.ts';

/** A malformed request, from the first byte to the last. */
export function roughRequest(dice: Dice, key: string): Buffer {
  const { chance, pick, some, bytes, below } = dice;
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
    chance() < 0.9
      ? 'localhost'
      : pick('a b', '', 'evil.example', '[::1', 'x'.repeat(300), bytes(9), 'localhost:99999');
  const header = () =>
    pick(
      'Content-Type: application/json',
      'Content-Type: text/plain',
      'Accept: text/event-stream',
      'Accept: text/html',
      'Accept: application/graphql-response+json',
      `X-Api-Key: ${key}`,
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
      () => JSON.stringify({ query: document() }).slice(0, below(40)),
      () => bytes(60),
      () => `5\r\n${bytes(5)}\r\n${pick('0\r\n\r\n', 'zz\r\n', '')}`,
      () => '['.repeat(below(400)),
    )();

  // Half of them reach the endpoint.
  const content = Buffer.from(body(), 'latin1');
  const length = chance() < 0.9 ? [`Content-Length: ${content.length}`] : [];
  const way = chance() < 0.5 ? ['Content-Type: application/json', `X-Api-Key: ${key}`] : [];
  const version = chance() < 0.9 ? '1.1' : pick('1.0', '2.0', '9');
  const line = way.length > 0 ? 'POST /graphql HTTP/1.1' : `${method()} ${path()} HTTP/${version}`;
  const more = Array.from({ length: below(4) }, () => (chance() < 0.9 ? header() : roughHeader()));
  const headers = [...way, ...length, ...more];
  const head = [line, `Host: ${host()}`, 'Connection: close', ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), content]);
}
