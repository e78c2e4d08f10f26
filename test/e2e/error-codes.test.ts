import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusOf } from '../../src/rest/errors.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/** Every code and status that is really sent is in docs/errors.md. */

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
/** Rows of the table of request errors: code and its statuses. */
const documented = new Map<string, readonly number[]>();
for (const [, codes = '', statuses = ''] of page.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \| (\d[\d or]*) \|/gm)) {
  for (const [, code = ''] of codes.matchAll(/`([A-Z_]+)`/g)) documented.set(code, statuses.split(' or ').map(Number));
}

const web = callerKey('web');
const persisted = callerKey('persisted', 'persistedOnly: true');
const large = 'x'.repeat(9_000_000);
const deep = '['.repeat(200);

type Asked = {
  path?: string;
  method?: string;
  key?: string;
  body?: string;
  headers?: Record<string, string>;
  accept?: string;
};

const requests: Readonly<Record<string, Asked>> = {
  UNAUTHENTICATED: { key: 'wrong' },
  PERSISTED_ONLY: { key: persisted.key, body: '{"query":"{ __typename }"}' },
  ADMIN_ONLY: { path: '/metrics', method: 'GET' },
  PERSISTED_QUERY_NOT_FOUND: { body: '{"documentId":"sha256:00"}' },
  NOT_FOUND: { path: '/nowhere', method: 'GET' },
  METHOD_NOT_ALLOWED: { method: 'GET' },
  NOT_ACCEPTABLE: { body: '{"query":"{ __typename }"}', accept: 'text/plain' },
  PAYLOAD_TOO_LARGE: { body: large },
  UNSUPPORTED_MEDIA_TYPE: { body: 'x', headers: { 'content-type': 'text/plain' } },
  BAD_REQUEST: { body: deep },
  GRAPHQL_PARSE_FAILED: { body: '{"query":"{"}' },
  GRAPHQL_VALIDATION_FAILED: { body: '{"query":"{ nothing }"}' },
  BAD_USER_INPUT: {
    body: JSON.stringify({ query: 'query ($i: ChatInput!) { chat(input: $i) { __typename } }', variables: { i: 7 } }),
  },
  TOO_MANY_PAID_FIELDS: {
    body: JSON.stringify({
      query: `{ ${[1, 2, 3, 4, 5].map((n) => `a${n}: chat(input: { model: "a/b", messages: [] }) { __typename }`).join(' ')} }`,
    }),
  },
  TOO_MANY_ROOT_FIELDS: {
    body: JSON.stringify({ query: `{ ${Array.from({ length: 30 }, (_, n) => `a${n}: __typename`).join(' ')} }` }),
  },
  TOO_COMPLEX: {
    body: JSON.stringify({ query: '{ providers { models { provider { models { provider { models { id } } } } } } }' }),
  },
  INTROSPECTION_DISABLED: { body: '{"query":"{ __schema { types { name } } }"}' },
};

describe('docs/errors.md', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    const yaml = `${quickSandbox}graphql: { persistedOperations: ./list.json }\n${callersYaml(web, persisted)}`;
    gateway = await openGateway({ yaml, files: { 'list.json': '{}' } });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  async function ask({ path = '/graphql', method = 'POST', key = web.key, body, headers, accept }: Asked) {
    const response = await fetch(gateway.url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
        accept: accept ?? 'application/graphql-response+json',
        ...headers,
      },
      ...(method === 'POST' && { body: body ?? '{}' }),
    });
    const text = await response.text();
    const { errors, error } = JSON.parse(text) as {
      errors?: { extensions: { code: string } }[];
      error?: { x_parley: { code: string } };
    };
    return { status: response.status, code: errors?.[0]?.extensions.code ?? error?.x_parley.code ?? '' };
  }

  it.each(Object.entries(requests))('has %s with the status that is sent', async (code, asked) => {
    const answer = await ask(asked);
    expect(answer.code).toBe(code);
    expect(documented.get(code), code).toContain(answer.status);
  });

  it.each(['/v1/chat/completions', '/v1/nothing'])('has the errors of %s', async (path) => {
    for (const asked of [
      { key: 'wrong' },
      { body: deep },
      { body: large },
      { key: persisted.key },
      { method: 'PUT', body: '{}' },
    ]) {
      const { status, code } = await ask({ path, ...asked });
      if (code in statusOf) expect(statusOf[code as keyof typeof statusOf]).toBe(status);
      else expect(documented.get(code), `${code} ${status}`).toContain(status);
    }
  });

  it('has every code of the server and of GraphQL, by their source', () => {
    const files = ['server/app', 'server/work-limit', 'server/body-budget', 'server/jwt', 'server/authenticate'];
    const codes = [
      ...files,
      'graphql/persisted',
      'graphql/handler',
      'graphql/document-limits',
      'graphql/operation-guard',
    ].flatMap((file) => {
      const source = readFileSync(new URL(`../../src/${file}.ts`, import.meta.url), 'utf8');
      return [...source.matchAll(/(?:HttpError|refusal|tooLarge)\(\s*(?:\d+, )?'([A-Z_]+)'/g)].map(
        ([, code = '']) => code,
      );
    });
    expect(codes.length).toBeGreaterThan(15);
    expect([...new Set(codes)].filter((code) => !documented.has(code))).toEqual([]);
  });
});
