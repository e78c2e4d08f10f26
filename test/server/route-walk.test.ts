import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { rawExchange } from '../support/raw-http.ts';

/** Every path, method and header form, without a key, with a wrong one and with a right one. */

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const paths = [
  '/',
  '/graphql',
  '/graphql?query={__typename}',
  '/graphql/',
  '/graphql/stream',
  '/metrics',
  '/models',
  '/v1/models',
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/responses/resp_1',
  '/v1/responses/resp_1/cancel',
  '/v1/messages',
  '/v1/embeddings',
  '/v1/models?limit=1',
  '/health',
  '/healthz/',
  '/readyz/x',
  '//healthz',
  '/nothing',
  '/%67raphql',
];
/** The existing paths, and their methods. */
const answered: Readonly<Record<string, string>> = {
  '/graphql': 'POST',
  '/graphql?query={__typename}': 'POST',
  '/models': 'GET',
  '/v1/models': 'GET',
  '/v1/models?limit=1': 'GET',
};
const apis = ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings', '/v1/completions'];
const forms: readonly [string, (key: string) => Record<string, string>][] = [
  ['Authorization', (key) => ({ authorization: `Bearer ${key}` })],
  ['x-api-key', (key) => ({ 'x-api-key': key })],
  ['api-key', (key) => ({ 'api-key': key })],
];
const json = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: '{ __typename }' });

const web = callerKey('web');
const browser = callerKey('browser', 'persistedOnly: true');
const wrong = callerKey('web').key;

let gateway: RunningGateway;
beforeAll(async () => {
  const yaml = `${quickSandbox}${callersYaml(web, browser)}graphql: { persistedOperations: list.json }\n`;
  gateway = await openGateway({ yaml, files: { 'list.json': '{ "h1": "{ __typename }" }' } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

function ask(path: string, method: string, headers: Record<string, string>): Promise<Response> {
  const mayCarry = method !== 'GET' && method !== 'HEAD';
  return fetch(`${gateway.url}${path}`, {
    method,
    headers: { ...json, ...headers },
    ...(mayCarry && { body }),
    redirect: 'manual',
  });
}

/** Unknown paths are told as OpenAI tells them. */
const isRest = (path: string) => !/^\/graphql(\?|$)/.test(path);
/** Reserves a single connection of GraphQL over SSE. */
const isReservation = (path: string, method: string) => method === 'PUT' && !isRest(path);

describe.each(paths)('%s', (path) => {
  it.each(methods)('by %s is a 401 without a key and with a wrong one, in the format of its face', async (method) => {
    const attempts = [
      {},
      ...forms.map(([, headers]) => headers(wrong)),
      { authorization: `Basic ${web.key}` },
      { cookie: web.key },
    ];
    for (const headers of attempts) {
      const response = await ask(path, method, headers);
      expect([method, path, response.status]).toEqual([method, path, 401]);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(response.headers.get('cache-control')).toBe('no-store');
      if (method === 'HEAD') continue;
      const answer = await response.json();
      if (path === '/v1/messages')
        expect(answer).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
      else if (isRest(path))
        expect(answer).toMatchObject({
          error: { type: 'invalid_request_error', code: 'invalid_api_key', param: null },
        });
      else expect(answer).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });

  it.each(forms)('gets another answer with a right key at %s', async (_form, headers) => {
    for (const method of methods) {
      const { status } = await ask(path, method, headers(web.key));
      // This body is not valid in the forms of these paths.
      const isCompletion = apis.includes(path) && method === 'POST';
      // Metrics are for admins.
      const wanted = path === '/metrics' ? [403] : isReservation(path, method) ? [201] : [200, 404, 405];
      expect(isCompletion ? [400] : wanted).toContain(status);
      const isAnswered = method === answered[path] || (method === 'HEAD' && answered[path] === 'GET' && isRest(path));
      expect([method, status === 200]).toEqual([method, isAnswered]);
    }
  });

  it('is refused for a key for persisted operations, except /graphql', async () => {
    const response = await ask(path, 'POST', { authorization: `Bearer ${browser.key}` });
    expect(response.status).toBe(403);
    const answer = await response.json();
    expect(isRest(path) ? answer.error.x_parley : answer.errors[0].extensions).toMatchObject({
      code: 'PERSISTED_ONLY',
    });
  });
});

describe('without a key', () => {
  it.each(['/healthz', '/readyz'])('is %s', async (path) => {
    for (const method of methods) {
      const response = await ask(path, method, {});
      expect(response.status).toBe(200);
    }
  });

  it('an odd spelling of a request is no exception', async () => {
    for (const target of [
      '/healthz#/../graphql',
      '/healthz/../graphql',
      '/./healthz',
      '/HEALTHZ',
      '/healthz;x',
      '/healthz%00',
    ]) {
      const answer = await rawExchange(
        gateway.url,
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40[01] /);
    }
  });
});

describe('the page of GraphiQL, and the one at /', () => {
  const html = { accept: 'text/html' };
  const page = (url: string, path = '/graphql') => fetch(`${url}${path}`, { headers: html, redirect: 'manual' });

  it('is off where keys are required', async () => {
    for (const path of ['/', '/graphql', '/page/main.ts']) expect((await page(gateway.url, path)).status).toBe(401);
    expect((await fetch(`${gateway.url}/graphql`, { headers: { ...html, 'x-api-key': web.key } })).status).toBe(405);
  });

  it('is public where the operator says so, and nothing else is', async () => {
    await using open = await openGateway({ yaml: `${quickSandbox}server: { graphiql: true }\n${callersYaml(web)}` });
    const plain = await (await page(open.url)).text();
    expect(plain).toContain('<title>Parley</title>');
    // A query in the address is dropped where the navigation began elsewhere; it is never run.
    const chat = encodeURIComponent(
      '{chat(input:{model:"openai/gpt-4o",messages:[{role:USER,content:"x"}]}){__typename}}',
    );
    for (const query of ['{__schema{types{name}}}', chat])
      expect((await page(open.url, `/graphql?query=${query}`)).status).toBe(303);
    const first = await (await page(open.url, '/')).text();
    expect(await (await page(open.url, '/?key=x')).text()).toBe(first);
    for (const path of ['/page/main.ts', '/page/../package.json', '/models', '/graphql/'])
      expect((await page(open.url, path)).status).toBe(401);
    expect((await fetch(`${open.url}/graphql`, { method: 'POST', headers: { ...json, ...html }, body })).status).toBe(
      401,
    );
  });
});
