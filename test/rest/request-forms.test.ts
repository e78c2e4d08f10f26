import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/** Forms of a request that HTTP and OpenAI's clients allow besides the plain one. */

const origin = 'app://obsidian.md';
const maxBodyBytes = 100_000;
let gateway: RunningGateway;
beforeAll(async () => {
  const yaml = `${quickSandbox}server: { cors: ['${origin}'], maxBodyBytes: ${maxBodyBytes} }\n`;
  gateway = await openGateway({ yaml });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const request = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };
const send = (body: BodyInit, headers: Record<string, string>, path = '/v1/chat/completions') =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

describe('a compressed body', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('is read: %s', async (encoding, compress) => {
    const response = await send(new Uint8Array(compress(JSON.stringify(request))), { 'content-encoding': encoding });
    expect([response.status, await response.json()]).toMatchObject([200, { object: 'chat.completion' }]);
  });

  it('may not unpack to more than a plain one', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    expect(bomb.length).toBeLessThan(maxBodyBytes);
    const response = await send(new Uint8Array(bomb), { 'content-encoding': 'gzip' });
    expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'payload_too_large' } }]);
  });

  it('that is damaged is told as such', async () => {
    const response = await send(JSON.stringify(request), { 'content-encoding': 'gzip' });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'bad_request', message: expect.stringContaining('not valid gzip') } },
    ]);
  });

  it.each(['compress', 'gzip, gzip', 'constructor'])('in %s is refused, with what is accepted', async (encoding) => {
    const response = await send(JSON.stringify(request), { 'content-encoding': encoding });
    expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'gzip, deflate, br, zstd']);
  });
});

describe('a path', () => {
  it('may begin with two slashes', async () => {
    expect((await send(JSON.stringify(request), {}, '//v1/chat/completions')).status).toBe(200);
  });

  it.each([
    ['/chat/completions', '/v1/chat/completions'],
    ['/v1/completion', undefined],
  ])('that is unknown is told in OpenAI’s form: %s', async (path, meant) => {
    const response = await send(JSON.stringify(request), {}, path);
    const { error } = (await response.json()) as { error: { message: string } };
    expect([response.status, error]).toMatchObject([404, { code: 'unknown_url', type: 'invalid_request_error' }]);
    expect(error.message).toContain(`Unknown request URL: POST ${path}. `);
    if (meant) expect(error.message).toContain(`Did you mean ${meant}?`);
    else expect(error.message).not.toContain('Did you mean');
  });

  it('is answered to HEAD as to GET', async () => {
    const [head, get] = await Promise.all(
      ['HEAD', 'GET'].map((method) => fetch(`${gateway.url}/v1/models`, { method })),
    );
    expect([head?.status, head?.headers.get('content-type')]).toEqual([200, get?.headers.get('content-type')]);
    expect(await head?.text()).toBe('');
  });
});

describe('a browser', () => {
  const preflight = (names: string) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': names },
    });

  it('may have an origin with a scheme of its own, and send the headers of SDKs', async () => {
    const { headers } = await preflight('authorization,x-stainless-retry-count,openai-organization,x-other');
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    const names = headers.get('access-control-allow-headers')?.split(', ');
    expect(names).toEqual(expect.arrayContaining(['authorization', 'x-stainless-retry-count', 'openai-organization']));
    expect(names).not.toContain('x-other');
  });
});

describe('an answer', () => {
  it('has a request id, and null where the provider has no fingerprint', async () => {
    const response = await send(JSON.stringify(request), {});
    expect(response.headers.get('x-request-id')).toMatch(/^\S{8,}$/);
    expect(await response.json()).toHaveProperty('system_fingerprint');
  });
});
