import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

const app = 'https://app.example';
const web = callerKey('web');
const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: `${quickSandbox}server: { cors: ["${app}"] }\n${callersYaml(web)}` });
});
afterAll(() => gateway[Symbol.asyncDispose]());

function ask(url: string, method: string, headers: Record<string, string>, body?: string): Promise<Response> {
  return fetch(`${url}/graphql`, { method, headers, ...(body !== undefined && { body }) });
}
const post = (url: string, headers: Record<string, string>) =>
  ask(url, 'POST', { 'content-type': 'application/json', ...headers }, '{ "query": "{ __typename }" }');

describe('the page of a listed origin', () => {
  it('may send a preflight, without a key', async () => {
    const response = await ask(gateway.url, 'OPTIONS', { origin: app, ...preflight });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, accept, x-api-key, api-key, last-event-id, x-graphql-event-stream-token',
      vary: 'Origin',
    });
  });

  it('may use the SDK of OpenAI, with the headers that it sends', async () => {
    const asked =
      'authorization, x-stainless-lang, x-evil, User-Agent, dangerously-allow-browser, x-stainless-retry-count';
    const headers = { origin: app, ...preflight, 'access-control-request-headers': asked };
    const response = await ask(gateway.url, 'OPTIONS', headers);
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, accept, x-api-key, api-key, last-event-id, x-graphql-event-stream-token, x-stainless-lang, User-Agent, dangerously-allow-browser, x-stainless-retry-count',
    );
  });

  it('may read answers and refusals', async () => {
    const answered = await post(gateway.url, { origin: app, authorization: `Bearer ${web.key}` });
    const refused = await post(gateway.url, { origin: app });
    expect([answered.status, refused.status]).toEqual([200, 401]);
    for (const { headers } of [answered, refused]) expect(headers.get('access-control-allow-origin')).toBe(app);
  });
});

describe('the page of any other origin', () => {
  it.each([
    'https://evil.example',
    'null',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:8443',
  ])('%s reads nothing, and may not even ask', async (origin) => {
    expect((await ask(gateway.url, 'OPTIONS', { origin, ...preflight })).status).toBe(401);
    const { headers } = await post(gateway.url, { origin, authorization: `Bearer ${web.key}` });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.get('vary')).toBe('Origin');
  });
});

describe("a page that sends requests with the user's cookies", () => {
  const forms = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'];

  it('cannot: requests without a preflight are refused', async () => {
    await using open = await openGateway({ yaml: quickSandbox });
    for (const origin of ['https://evil.example', app]) {
      // Without a listed origin there is no answer to a preflight.
      expect((await ask(open.url, 'OPTIONS', { origin, ...preflight })).status).toBe(405);
      for (const type of forms) {
        const body = '{ "query": "{ __typename }" }';
        expect((await ask(open.url, 'POST', { origin, 'content-type': type }, body)).status).toBe(415);
      }
      expect((await fetch(`${open.url}/graphql?query={__typename}`, { headers: { origin } })).status).toBe(405);
    }
  });

  it('has no cookie: none is ever set, and none is read', async () => {
    const { headers } = await post(gateway.url, { authorization: `Bearer ${web.key}` });
    expect(headers.get('set-cookie')).toBeNull();
    expect((await post(gateway.url, { cookie: `authorization=Bearer ${web.key}` })).status).toBe(401);
  });

  it('is never allowed credentials', async () => {
    const responses = [
      await ask(gateway.url, 'OPTIONS', { origin: app, ...preflight }),
      await post(gateway.url, { origin: app, authorization: `Bearer ${web.key}` }),
    ];
    for (const { headers } of responses) expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});
