import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, sseClient } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** Documents that cost more than their size suggests. A provider counts the requests. */

const web = callerKey('web');
const ops = callerKey('ops', 'admin: true');
const tools = callerKey('tools', 'introspection: true');
const ask = 'chat(input: { model: "local/x", messages: [{ role: USER, content: "x" }] }) { __typename }';
const times = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => piece(index)).join(' ');

let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Hi')));
  gateway = await openGateway({ yaml: localProvider(provider.url, callersYaml(web, ops, tools)) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const run = (document: string, variables: object = {}, key = web.key) => query(gateway.url, document, variables, key);
async function codesOf(document: string, variables: object = {}, key = web.key): Promise<unknown[]> {
  const { errors = [] } = await run(document, variables, key);
  return errors.map(({ extensions }) => extensions?.['code']);
}

describe('a flood', () => {
  it.each<[string, string, string[]]>([
    ['1000 aliases of a paid field', `{ ${times(1000, (index) => `a${index}: ${ask}`)} }`, ['GRAPHQL_PARSE_FAILED']],
    ['21 aliases of a free field', `{ ${times(21, (index) => `a${index}: models { id }`)} }`, ['TOO_MANY_ROOT_FIELDS']],
    ['200 aliases of __typename', `{ ${times(200, (index) => `a${index}: __typename`)} }`, ['TOO_MANY_ROOT_FIELDS']],
    ['one field 500 times', `{ ${times(500, () => '__typename')} }`, ['TOO_MANY_ROOT_FIELDS']],
    [
      'fields by fragments of fragments',
      `{ ...A ...A } fragment A on Query { ...B ...B ...B } fragment B on Query { a: __typename b: __typename c: __typename d: __typename }`,
      ['TOO_MANY_ROOT_FIELDS'],
    ],
    ['400 directives', `{ __typename ${times(400, () => '@aa')} }`, ['TOO_MANY_DIRECTIVES']],
    [
      'directives on a fragment',
      `{ ...F ${times(5, () => '@skip(if: false)')} } fragment F on Query { __typename }`,
      ['TOO_MANY_DIRECTIVES'],
    ],
    [
      'nested lists',
      `{ providers { models { provider { models { provider { models { provider { models { id } } } } } } } } }`,
      ['TOO_DEEP'],
    ],
    [
      'nested fragments',
      `{ providers { ...A } } ${times(9, (index) => `fragment ${'ABCDEFGHIJ'[index]} on Provider { models { provider { ...${'ABCDEFGHIJ'[index + 1]} } } }`)} fragment J on Provider { id }`,
      ['TOO_DEEP'],
    ],
    [
      '20 lists of everything',
      `{ ${times(20, (index) => `a${index}: models { ${times(5, (inner) => `b${inner}: provider { id name }`)} }`)} }`,
      ['TOO_COMPLEX'],
    ],
  ])('of %s is refused with one reason, before anything is asked', async (_what, document, codes) => {
    const startedAt = performance.now();
    const { data, errors = [] } = await run(document);
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(codes);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(provider.requests).toHaveLength(0);
  });

  it('in a batch is refused', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': web.key },
      body: JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' }))),
    });
    expect(response.status).toBe(400);
  });

  it('of fragments that double, sixty levels deep, is measured at once', async () => {
    const doubling = times(
      60,
      (index) => `fragment F${index} on Provider { ...F${index + 1} ... on Provider { ...F${index + 1} } }`,
    );
    const startedAt = performance.now();
    expect(await codesOf(`{ providers { ...F0 } } ${doubling} fragment F60 on Provider { id models { id } }`)).toEqual([
      'TOO_COMPLEX',
    ]);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it.each([
    ['that spread each other', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['that are not there', '{ ...Nowhere }'],
  ])('of fragments %s is an ordinary mistake', async (_what, document) => {
    expect(await codesOf(document)).toContain('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('ordinary documents', () => {
  it.each([
    [
      'everything about every model',
      '{ models { id name displayName family contextWindow maxOutputTokens inputModalities reasoningEfforts status released retired isAvailable isSandbox provider { id name status isSandbox } supports { tools structuredOutput reasoning streaming sampling } pricing { inputPerMillion outputPerMillion cachedInputPerMillion source asOf } } }',
    ],
    [
      'providers with their models',
      '{ providers { id name models { id contextWindow pricing { inputPerMillion } } } }',
    ],
    ['a model with its neighbours', '{ model(id: "openai/gpt-4o") { provider { models { id } } } }'],
  ])('is within the limits: %s', async (_what, document) => {
    const { data, errors } = await run(document);
    expect(errors).toBeUndefined();
    expect(data).toBeDefined();
  });
});

describe('a limit that depends on variables', () => {
  // With its lists it exceeds the limit by far, without them it has none.
  const lists = '{ models @include(if: $all) { provider { models { id name displayName family } } } __typename }';
  const document = `query ($all: Boolean!) ${lists}`;

  it('is checked anew for each request of the same text, in either order', async () => {
    for (const all of [false, true, true, false, true]) {
      expect(await codesOf(document, { all })).toEqual(all ? ['TOO_COMPLEX'] : []);
    }
    const other = document.replace('__typename', 'other: __typename');
    for (const all of [true, false, true]) expect(await codesOf(other, { all })).toEqual(all ? ['TOO_COMPLEX'] : []);
  });

  it.each<[string, string, object, boolean]>([
    ['a default', `query ($all: Boolean = false) ${lists}`, {}, true],
    ['a default that is not used', `query ($all: Boolean = false) ${lists}`, { all: true }, false],
    ['a flag in place', `query ${lists.replace('$all', 'false')}`, {}, true],
    ['@skip', `query ($all: Boolean!) ${lists.replace('@include(if: $all)', '@skip(if: $all)')}`, { all: true }, true],
    [
      '@skip that does not',
      `query ($all: Boolean!) ${lists.replace('@include(if: $all)', '@skip(if: $all)')}`,
      { all: false },
      false,
    ],
  ])('knows what %s leaves out', async (_what, text, variables, isCheap) => {
    expect(await codesOf(text, variables)).toEqual(isCheap ? [] : ['TOO_COMPLEX']);
  });

  it('refuses a subscription before its stream begins', async () => {
    await using strict = await openGateway({ yaml: localProvider(provider.url, 'graphql: { maxComplexity: 2 }\n') });
    const before = provider.requests.length;
    const text = `subscription { ${ask.replace('chat(', 'chatStream(').replace('{ __typename }', '{ ... on ContentDelta { text } ... on CompletionFailed { code message } }')} }`;
    const results = [];
    for await (const result of sseClient(strict.url).iterate({ query: text })) results.push(result);
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'TOO_COMPLEX' } }] }]);
    expect(provider.requests.length - before).toBe(0);
  });
});

describe('introspection', () => {
  const question = '{ __schema { queryType { name } } }';

  it('is for admins only, whatever the order of requests', async () => {
    for (const [key, code] of [
      [web.key, 'INTROSPECTION_DISABLED'],
      [ops.key],
      [web.key, 'INTROSPECTION_DISABLED'],
    ] as const) {
      expect(await codesOf(question, {}, key)).toEqual(code ? [code] : []);
    }
    const other = '{ a: __type(name: "Query") { name } }';
    for (const [key, code] of [[ops.key], [web.key, 'INTROSPECTION_DISABLED'], [ops.key]] as const) {
      expect(await codesOf(other, {}, key)).toEqual(code ? [code] : []);
    }
  });

  it('is for a caller with `introspection`, which gets no other right of admins', async () => {
    expect(await codesOf(question, {}, tools.key)).toEqual([]);
    expect(await codesOf(question, {}, web.key)).toEqual(['INTROSPECTION_DISABLED']);
    const headers = { authorization: `Bearer ${tools.key}` };
    expect((await fetch(`${gateway.url}/metrics`, { headers })).status).toBe(403);
  });

  it.each([
    '{ ... on Query { ...F } } fragment F on Query { x: __schema { queryType { name } } }',
    'query A { __typename } query B { __schema { queryType { name } } }',
    'query ($yes: Boolean = true) { __schema @include(if: $yes) { queryType { name } } }',
  ])('are found wherever they stand: %s', async (document) => {
    const { errors, data } = await query(gateway.url, document, {}, web.key);
    expect(data).toBeUndefined();
    expect(errors).toBeDefined();
  });

  it("is for all callers where no key is needed, as deep as GraphiQL's query", async () => {
    await using open = await openGateway({ yaml: quickSandbox });
    const { getIntrospectionQuery } = await import('graphql');
    const { data, errors } = await query(open.url, getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('__schema');
  });

  it('is refused on a public address without keys', async () => {
    await using open = await openGateway({ yaml: quickSandbox, env: { HOST: '0.0.0.0' }, args: ['--insecure'] });
    const url = open.url.replace('0.0.0.0', '127.0.0.1');
    expect((await query(url, question)).errors).toMatchObject([{ extensions: { code: 'INTROSPECTION_DISABLED' } }]);
  });

  it('is for all callers where the operator allows it', async () => {
    await using open = await openGateway({
      yaml: `${quickSandbox}graphql: { introspection: true }\n${callersYaml(web)}`,
    });
    expect((await query(open.url, question, {}, web.key)).errors).toBeUndefined();
  });
});

describe('a misspelt name', () => {
  const mistakes: [string, object][] = [
    ['{ modls { id } }', {}],
    ['{ models { idd } }', {}],
    ['{ models(filtr: {}) { id } }', {}],
    ['query ($f: ModelFilte) { models(filter: $f) { id } }', {}],
    ['{ models(filter: { provder: "x" }) { id } }', {}],
    ['{ models(filter: { status: [ACTIV] }) { id } }', {}],
    [`{ ${ask.replace('{ __typename }', '{ text }')} }`, {}],
    ['query ($f: ModelFilter) { models(filter: $f) { id } }', { f: { provder: 'x' } }],
    ['query ($f: ModelFilter) { models(filter: $f) { id } }', { f: { status: ['ACTIV'] } }],
  ];

  it.each(mistakes)('gets no suggestion where introspection is refused: %s', async (document, variables) => {
    const { errors } = await run(document, variables);
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
  });

  it('gets one where it is allowed', async () => {
    await using open = await openGateway({ yaml: quickSandbox });
    for (const [document, variables] of mistakes) {
      expect(JSON.stringify((await query(open.url, document, variables)).errors)).toMatch(/Did you mean/);
    }
  });
});
