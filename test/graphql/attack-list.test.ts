import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/**
 * The twelve checks of graphql-cop (https://github.com/dolevf/graphql-cop), written from its description, against a gateway in
 * its production configuration. "found" means that the check reports a finding.
 */

const web = callerKey('web');
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: `${quickSandbox}${callersYaml(web)}` });
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Answer = { readonly status: number; readonly text: string; readonly json: Json };
type Json = { data?: Record<string, unknown> | null; errors?: Record<string, unknown>[]; extensions?: object } & Record<
  number,
  unknown
>;

async function ask(init: RequestInit, search = ''): Promise<Answer> {
  const headers = { authorization: `Bearer ${web.key}`, ...init.headers };
  const response = await fetch(`${gateway.url}/graphql${search}`, { ...init, headers });
  const text = await response.text();
  return { status: response.status, text, json: toJson(text) };
}

function toJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const post = (body: unknown) =>
  ask({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const get = (document: string) => ask({}, `?query=${encodeURIComponent(document)}`);
const many = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => piece(index)).join(' ');

const circular = `query cop { __schema { types { fields { ${'type { fields { '.repeat(4)}type { name }${' } }'.repeat(4)} } } } }`;

const checks: readonly [string, () => Promise<boolean>][] = [
  [
    'alias overloading',
    async () =>
      (await post({ query: `query cop { ${many(101, (index) => `alias${index}:__typename`)} }` })).json.data?.[
        'alias100'
      ] === 'Query',
  ],
  [
    'array-based query batching',
    async () =>
      Array.isArray((await post(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })))).json),
  ],
  ['circular introspection', async () => (await post({ query: circular })).json.data !== undefined],
  [
    'directive overloading',
    async () => (await post({ query: `query cop { __typename ${'@aa'.repeat(10)} }` })).json.errors?.length === 10,
  ],
  [
    'field duplication',
    async () =>
      (await post({ query: `query cop { ${'__typename \n'.repeat(500)} }` })).json.data?.['__typename'] === 'Query',
  ],
  [
    'field suggestions',
    async () => /did you mean/i.test((await post({ query: 'query cop { __schema { directive } }' })).text),
  ],
  ['queries by GET', async () => (await get('query cop { __typename }')).json.data !== undefined],
  ['mutations by GET', async () => (await get('mutation cop { __typename }')).json.data !== undefined],
  [
    'queries as a form',
    async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return (
        (await ask({ method: 'POST', headers, body: 'query=query%20cop%20%7B__typename%7D' })).json.data !== undefined
      );
    },
  ],
  [
    'an IDE',
    async () => /graphiql|playground|altair|sandbox/i.test((await ask({ headers: { accept: 'text/html' } })).text),
  ],
  ['tracing', async () => (await post({ query: 'query cop { __typename }' })).json.extensions !== undefined],
  [
    'errors that are not handled',
    async () => /exception|stack|"at /i.test((await post({ query: 'qwerty cop { abc }' })).text),
  ],
];

describe('a gateway with keys', () => {
  it.each(checks)('shows no %s', async (_name, isFound) => {
    expect(await isFound()).toBe(false);
  });

  it('answers ordinary requests', async () => {
    expect((await post({ query: 'query cop { __typename }' })).json).toEqual({ data: { __typename: 'Query' } });
  });

  it('is checked by effective checks: without keys they find an IDE and suggestions', async () => {
    await using open = await openGateway({ yaml: quickSandbox });
    const closed = gateway;
    gateway = open;
    const found = [];
    for (const [name, isFound] of checks) if (await isFound()) found.push(name);
    gateway = closed;
    expect(found).toEqual(['field suggestions', 'an IDE']);
  });
});
