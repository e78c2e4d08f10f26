import { afterEach, describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { Face, PageHandler } from '../../src/http/face.ts';
import { HttpError } from '../../src/http/http-error.ts';
import { sendJson } from '../../src/http/send-json.ts';
import { toHttpErrorBody } from '../../src/rest/errors.ts';
import { createApp } from '../../src/server/app.ts';
import { allowAnonymous } from '../../src/server/authenticate.ts';
import { createBodyBudget } from '../../src/server/body-budget.ts';
import { isAllowedHost } from '../../src/server/host-check.ts';
import { type Listening, listen } from '../../src/server/listen.ts';
import { createWorkLimit } from '../../src/server/work-limit.ts';
import { rawExchange } from '../support/raw-http.ts';
import { realClock } from '../support/real-clock.ts';

type Options = Parameters<typeof createApp>[0];

const loopback = { listensOn: '127.0.0.1', loopbackOnly: true, allowed: undefined };

let listening: Listening | undefined;
const logged: unknown[] = [];
afterEach(async () => {
  await listening?.stop(0);
  logged.length = 0;
});

type Handlers = { graphql?: Face['handle']; rest?: Face['handle'] };

async function open({ graphql, rest, ...options }: Partial<Options> & Handlers = {}): Promise<string> {
  const log = () => {};
  const graphqlFace: Face = {
    owns: (path) => path === '/graphql',
    servesPersistedOnly: true,
    async handle(request, response) {
      if (request.method !== 'POST') throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'POST', { allow: 'POST' });
      if (graphql) return graphql(request, response);
      response.setHeader('content-type', 'application/json');
      response.end('{"data":{}}');
    },
    refuse: ({ status, code, message }, response) =>
      sendJson(response, status, { errors: [{ message, extensions: { code } }] }),
  };
  const restFace: Face = {
    owns: (path) => path.startsWith('/v1'),
    servesPersistedOnly: false,
    handle: rest ?? (async (_request, response) => void response.end('{}')),
    refuse: ({ status, code, message }, response) => sendJson(response, status, toHttpErrorBody(status, code, message)),
  };
  const page: PageHandler = async (path, { method }, response) => {
    const isPage = path === '/' && method === 'GET';
    if (isPage) response.end('the page');
    return isPage;
  };
  const app = createApp({
    faces: [graphqlFace, restFace],
    pages: [page],
    authenticate: allowAnonymous(anonymous),
    hostRules: loopback,
    cors: [],
    maxBodyBytes: 1000,
    bodyBudget: createBodyBudget(1_000_000),
    workLimit: createWorkLimit(realClock, () => 60_000),
    writeTimeoutMs: 60_000,
    admissionError: () => undefined,
    readiness: () => 'ready',
    metrics: undefined,
    onRefused: () => {},
    log: { info: log, warn: log, error: (fields) => void logged.push(fields) },
    ...options,
  });
  listening = await listen(app, '127.0.0.1', 0);
  return listening.url;
}

const post = (url: string, body = '{}') =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('the HTTP server', () => {
  it('answers health checks without asking a provider', async () => {
    let ready = true;
    const url = await open({ readiness: () => (ready ? 'ready' : 'stopping') });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    ready = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/graphql?x=/healthz`)).status).toBe(405);
  });

  it('serves its pages without authentication, and none where they are off', async () => {
    const url = await open();
    const shown = await fetch(`${url}/`);
    expect([shown.status, await shown.text()]).toEqual([200, 'the page']);
    expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(404);
    await listening?.stop(0);
    const bare = await open({ pages: [] });
    expect((await fetch(`${bare}/`)).status).toBe(404);
    expect((await fetch(`${bare}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(405);
  });

  it('lists the supported paths for unknown ones', async () => {
    const response = await fetch(`${await open()}/v2/nothing`);
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: { code: 'unknown_url', message: expect.stringContaining('Unknown request URL: GET /v2/nothing') } },
    ]);
  });

  it('refuses in the format of the face', async () => {
    const url = await open();
    const path = `${url}/v1/chat/completions`;
    const told = async (response: Response) => [response.status, await response.json()];
    const error = (code: string) => ({ error: { code, type: 'invalid_request_error', param: null } });
    expect(await told(await fetch(path, { method: 'POST', body: '{}' }))).toMatchObject([
      415,
      error('unsupported_media_type'),
    ]);
    expect(await told(await post(path, 'x'.repeat(1001)))).toMatchObject([413, error('payload_too_large')]);
    expect(await told(await post(`${url}/graphql`, 'x'.repeat(1001)))).toMatchObject([
      413,
      { errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] },
    ]);
    const misled = await rawExchange(url, 'GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(misled).toMatch(/^HTTP\/1\.1 400 .*"type":"invalid_request_error","param":null,"code":"bad_host"/s);
  });

  it('reports a defect of the REST face as INTERNAL', async () => {
    const defect = new Error('secret detail');
    const url = await open({ rest: () => Promise.reject(defect) });
    const response = await post(`${url}/v1/chat/completions`);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: {
        message: 'The gateway failed to handle this request.',
        type: 'server_error',
        param: null,
        code: 'internal',
        x_parley: { code: 'INTERNAL' },
      },
    });
    expect(logged).toEqual([{ err: defect }]);
  });

  it('cuts a response that it cannot complete, instead of ending it', async () => {
    const url = await open({
      rest: async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n');
        throw new Error('secret detail');
      },
    });
    await expect(post(`${url}/v1/chat/completions`).then((response) => response.text())).rejects.toThrow();
    expect(logged).toHaveLength(1);
  });

  it('reports a defect in one sentence, and logs it whole', async () => {
    const defect = new Error('secret detail');
    const url = await open({ graphql: () => Promise.reject(defect) });
    const response = await post(`${url}/graphql`);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toMatch(/secret| at |\.ts/);
    expect(logged).toEqual([{ err: defect }]);
    expect((await post(`${url}/graphql`)).status).toBe(500);
  });

  it.each([
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'],
    ['a host that is a URL', 'GET /healthz HTTP/1.1\r\nHost: http://127.0.0.1/\r\nConnection: close\r\n\r\n'],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'],
    ['a name that was pointed here', 'GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'],
    [
      'a whole URL for a path',
      'GET http://evil.example/graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    ],
    ['a broken path', 'GET \\\\x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n\r\n'],
  ])('refuses %s with a 400 and without a word of its inside', async (_what, bytes) => {
    const answer = await rawExchange(await open(), bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toMatch(/ at |\.ts|node:/);
  });
});

describe('the accepted Host values', () => {
  it.each(['127.0.0.1', '127.0.0.1:4000', 'localhost:4000', '[::1]:4000', 'LOCALHOST'])('include %s', (host) => {
    expect(isAllowedHost(host, loopback)).toBe(true);
  });

  it.each([
    '127.0.0.1.evil.example',
    'evil.example:4000',
    '10.0.0.1',
    '',
    'a/b',
    'localhost:port',
    'localhost:99999',
    '127.0.0.1.999',
    undefined,
  ])('do not include %s', (host) => {
    expect(isAllowedHost(host, loopback)).toBe(false);
  });

  it('are all well-formed ones on a public address', () => {
    const everywhere = { listensOn: '0.0.0.0', loopbackOnly: false, allowed: undefined };
    expect(isAllowedHost('parley.example', everywhere)).toBe(true);
    expect(isAllowedHost('parley.example/x', everywhere)).toBe(false);
  });

  it.each([
    ['parley.example', true],
    ['PARLEY.example:443', true],
    ['evil.example', false],
    ['x.parley.example', false],
    ['localhost', false],
    ['10.1.2.3:4000', true],
    ['[fd00::1]:4000', true],
  ])('are the listed ones and addresses, where there is a list: %s', (host, isAllowed) => {
    const listed = { listensOn: '0.0.0.0', loopbackOnly: false, allowed: ['parley.example'] };
    expect(isAllowedHost(host, listed)).toBe(isAllowed);
  });

  it('are loopback and the configured ones behind a proxy on this machine', () => {
    const behind = { ...loopback, allowed: ['parley.example'] };
    expect(
      ['parley.example', '127.0.0.1', 'evil.example', '10.1.2.3'].map((host) => isAllowedHost(host, behind)),
    ).toEqual([true, true, false, false]);
  });
});
