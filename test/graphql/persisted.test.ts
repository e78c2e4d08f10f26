import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { runParley } from '../support/gateway-process.ts';
import { send, sseClient } from '../support/graphql-client.ts';

const summarize = `query Summarize($text: String!) {
  chat(input: { model: "openai/gpt-4o", maxTokens: 50, messages: [{ role: USER, content: $text }] }) { __typename ... on Completion { model } }
}`;
const stream = `subscription Tell($text: String!) {
  chatStream(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: $text }] }) { __typename }
}`;
const hash = (document: string) => createHash('sha256').update(document).digest('hex');
const list = JSON.stringify({
  [hash(summarize)]: summarize,
  [`sha256:${hash(stream)}`]: stream,
  short: '{ __typename }',
});
const own = '{ models { id } }';
const variables = { text: 'Hello' };

const browser = callerKey('browser', 'persistedOnly: true');
const server = callerKey('server');

let gateway: RunningGateway;
beforeAll(async () => {
  const yaml = `${quickSandbox}graphql: { persistedOperations: ./list.json }\n${callersYaml(browser, server)}`;
  gateway = await openGateway({ yaml, files: { 'list.json': list } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const apollo = (id: unknown) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } });
const completed = { status: 200, data: { chat: { __typename: 'Completion' } } };
const refused = (status: number, code: string) => ({ status, errors: [{ extensions: { code } }] });

describe('a document of the manifest', () => {
  it.each([
    ['documentId', { documentId: hash(summarize) }],
    ['documentId with the name of its hash', { documentId: `sha256:${hash(summarize)}` }],
    ["Apollo's extension", apollo(hash(summarize))],
    ['its id and itself', { documentId: hash(summarize), query: summarize }],
  ])('is run for either key by %s', async (_form, body) => {
    for (const { key } of [browser, server]) {
      expect(await send(gateway.url, { ...body, variables }, key)).toMatchObject(completed);
    }
  });

  it('may have any id', async () => {
    expect(await send(gateway.url, { documentId: 'short' }, browser.key)).toMatchObject({
      data: { __typename: 'Query' },
    });
  });

  it('may be a stream', async () => {
    const types: unknown[] = [];
    const body = { query: '', variables, ...apollo(hash(stream)) };
    for await (const { data } of sseClient(gateway.url, browser.key).iterate<{ chatStream: object }>(body)) {
      types.push(data?.chatStream);
    }
    expect(types.at(-1)).toEqual({ __typename: 'CompletionFinished' });
  });

  it('runs instead of another document that is sent with its id', async () => {
    for (const { key } of [browser, server]) {
      const answer = await send(gateway.url, { documentId: hash(summarize), query: own, variables }, key);
      expect(answer).toMatchObject(refused(400, 'BAD_REQUEST'));
    }
  });
});

describe('a key for persisted operations', () => {
  it.each<[string, unknown]>([
    ['a document of its own', { query: own }],
    ['a document of the list without its id', { query: summarize, variables }],
    ['nothing', {}],
    ['null', null],
    ['an id that is null', { documentId: null, query: own }],
  ])('runs nothing else: %s', async (_what, body) => {
    expect(await send(gateway.url, body, browser.key)).toMatchObject(refused(403, 'PERSISTED_ONLY'));
  });

  it('runs no batch', async () => {
    expect(await send(gateway.url, [{ query: own }], browser.key)).toMatchObject(refused(400, 'BAD_REQUEST'));
  });

  it.each<[string, object]>([
    ['an unknown id', { documentId: hash(own) }],
    ['an unknown id and its document', { documentId: hash(own), query: own }],
    ["an unknown id in Apollo's form, with its document", { ...apollo(hash(own)), query: own }],
    ['a name of Object', { documentId: '__proto__' }],
    ['a name of Map', { documentId: 'constructor' }],
    ['a number', { documentId: 5 }],
    ['a list', { documentId: [hash(summarize)] }],
  ])('is told of %s that it is not on the list', async (_what, body) => {
    expect(await send(gateway.url, body, browser.key)).toMatchObject(refused(404, 'PERSISTED_QUERY_NOT_FOUND'));
  });

  it('cannot add documents', async () => {
    for (const { key } of [server, browser]) await send(gateway.url, { ...apollo(hash(own)), query: own }, key);
    expect(await send(gateway.url, apollo(hash(own)), browser.key)).toMatchObject(
      refused(404, 'PERSISTED_QUERY_NOT_FOUND'),
    );
  });
});

describe('any other key', () => {
  it('may send its own documents', async () => {
    expect(await send(gateway.url, { query: own }, server.key)).toMatchObject({
      status: 200,
      data: { models: expect.any(Array) },
    });
  });

  it("supports both steps of Apollo's client: the hash, then the document", async () => {
    const fresh = `${own} # fresh`;
    expect(await send(gateway.url, apollo(hash(fresh)), server.key)).toMatchObject(
      refused(404, 'PERSISTED_QUERY_NOT_FOUND'),
    );
    expect(await send(gateway.url, { ...apollo(hash(fresh)), query: fresh }, server.key)).toMatchObject({
      status: 200,
    });
    expect(await send(gateway.url, apollo(hash(fresh)), server.key)).toMatchObject({ status: 200 });
    expect(await send(gateway.url, { documentId: hash(fresh) }, server.key)).toMatchObject(
      refused(404, 'PERSISTED_QUERY_NOT_FOUND'),
    );
  });

  it('cannot give a document the hash of another one', async () => {
    const forged = { ...apollo(hash('{ __typename }')), query: own };
    expect(await send(gateway.url, forged, server.key)).toMatchObject(refused(400, 'BAD_REQUEST'));
    expect(await send(gateway.url, apollo(hash('{ __typename }')), server.key)).toMatchObject({ status: 404 });
  });

  it('has nothing remembered where the operator does not want it', async () => {
    await using strict = await openGateway({ yaml: `${quickSandbox}graphql: { automaticPersistedQueries: false }\n` });
    expect(await send(strict.url, { ...apollo(hash(own)), query: own }, '')).toMatchObject({ status: 200 });
    expect(await send(strict.url, apollo(hash(own)), '')).toMatchObject({ status: 404 });
  });
});

describe('the manifest', () => {
  const yaml = `graphql: { persistedOperations: list.json, maxPaidFields: 1 }\n`;
  const start = (text: string) => runParley({ args: ['--check'], yaml, files: { 'list.json': text } });

  it('is validated at start, with every error of every document', async () => {
    const paid = summarize.replace('chat(', 'a: chat(').replace(/}\s*$/, ' b: __typename }');
    const twice = `query { ${['a', 'b'].map((alias) => `${alias}: chat(input: { model: "a/b", messages: [] }) { __typename }`).join(' ')} }`;
    const { code, output } = await start(
      JSON.stringify({ good: paid, typo: '{ modls { id } }', syntax: '{ models', two: twice }),
    );
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      'The configuration is not valid:',
      '  list.json: typo: Cannot query field "modls" on type "Query". Did you mean "models", "model", or "node"?',
      '  list.json: syntax: Syntax Error: Expected Name, found <EOF>.',
      '  list.json: two: This operation has 2 fields that cost money (limit 1, graphql.maxPaidFields).',
    ]);
  });

  it.each([
    ['no JSON', 'query { models }'],
    ['a list', '["{ __typename }"]'],
    ['an object of other things', '{ "a": { "document": "{ __typename }" } }'],
  ])('may not be %s', async (_what, text) => {
    const { output } = await start(text);
    expect(output).toMatch(/list\.json: expected a JSON object of GraphQL documents by their hash/);
  });

  it('has to exist', async () => {
    const { output } = await runParley({ args: ['--check'], yaml: 'graphql: { persistedOperations: gone.json }\n' });
    expect(output).toMatch(/graphql\.persistedOperations: cannot read gone\.json/);
  });
});
