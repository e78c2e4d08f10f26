import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** What Relay and other clients of a graph expect of a schema: nodes, connections, an order, and mutations for what is paid. */

type Model = { readonly id: string };
type Connection = {
  readonly edges: readonly { readonly cursor: string; readonly node: Model }[];
  readonly pageInfo: Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>> & {
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
};

const web = callerKey('web', 'models: [openai/gpt-4o, anthropic/*]');
const all = callerKey('all');
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({
    yaml: `${quickSandbox}routes: { fast: [openai/gpt-4o, openai/gpt-4o-mini] }\n${callersYaml(web, all)}`,
  });
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const ask = async (document: string, variables: object = {}, key = all.key) => {
  const { data, errors } = await query(gateway.url, document, variables as Record<string, unknown>, key);
  return { data: data as Record<string, unknown>, errors };
};

describe('node', () => {
  const node =
    'query ($id: ID!) { node(id: $id) { __typename id ... on Model { displayName } ... on Route { targets { model } } } }';

  it.each([
    ['openai', { __typename: 'Provider', id: 'openai' }],
    ['openai/gpt-4o', { __typename: 'Model', id: 'openai/gpt-4o', displayName: 'GPT-4o' }],
    [
      'route/fast',
      { __typename: 'Route', id: 'route/fast', targets: [{ model: 'openai/gpt-4o' }, { model: 'openai/gpt-4o-mini' }] },
    ],
    ['nobody', null],
    ['nobody/knows', null],
    ['route/none', null],
    ['', null],
  ])('finds %s', async (id, found) => {
    expect(await ask(node, { id })).toEqual({ data: { node: found }, errors: undefined });
  });

  it('hides what a caller may not use', async () => {
    expect((await ask(node, { id: 'openai/gpt-4o-mini' }, web.key)).data).toEqual({ node: null });
    expect((await ask(node, { id: 'mistral' }, web.key)).data).toEqual({ node: null });
    expect((await ask(node, { id: 'openai' }, web.key)).data?.['node']).toMatchObject({ id: 'openai' });
  });

  it('has ids that are unique over all types', async () => {
    const { data } = await ask('{ models { id } providers { id } routes { id } }');
    const ids = Object.values(data ?? {}).flatMap((list) => (list as readonly Model[]).map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('modelsConnection', () => {
  const page = `query ($first: Int, $after: String, $filter: ModelFilter, $orderBy: ModelOrder) {
    modelsConnection(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    }
    models(filter: $filter, orderBy: $orderBy) { id }
  }`;

  it.each([1, 7, 100])('has each model once and in order, in pages of %i', async (first) => {
    const variables = { first, filter: { provider: 'openai' }, orderBy: { field: 'RELEASED', direction: 'DESC' } };
    const ids: string[] = [];
    let expected: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 500; pages++) {
      const { data } = await ask(page, { ...variables, after });
      const { edges, pageInfo, totalCount } = data['modelsConnection'] as Connection;
      expected = (data['models'] as readonly Model[]).map(({ id }) => id);
      expect(totalCount).toBe(expected.length);
      expect(pageInfo.hasPreviousPage).toBe(pages > 0);
      expect(edges.at(-1)?.cursor).toBe(pageInfo.endCursor);
      ids.push(...edges.map(({ node }) => node.id));
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(ids).toEqual(expected);
    expect(ids.length).toBeGreaterThan(10);
  });

  it.each([
    [{ first: 0 }, /^first: expected 1 to 100/],
    [{ first: 101 }, /^first: expected 1 to 100/],
    [{ after: 'nonsense' }, /^after: no model/],
  ])('refuses %o', async (variables, message) => {
    const { errors } = await ask(page, variables);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(message),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('has twenty models by default, and an empty page where none is found', async () => {
    expect(((await ask(page)).data['modelsConnection'] as Connection).edges.length).toBe(20);
    const { data } = await ask(page, { filter: { provider: 'nobody' } });
    expect(data['modelsConnection']).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: 0,
    });
  });

  it('counts a page as what it may hold', async () => {
    const fields = Array.from({ length: 20 }, (_, index) => `n${index}: name`).join(' ');
    const many = Array.from(
      { length: 12 },
      (_, index) => `a${index}: modelsConnection { edges { node { ${fields} } } }`,
    );
    expect((await ask(`{ ${many.join(' ')} }`)).errors?.[0]?.extensions).toMatchObject({ code: 'TOO_COMPLEX' });
  });
});

describe('orderBy', () => {
  it.each([
    ['PRICE', 'pricing { inputPerMillion outputPerMillion }', ({ pricing }: never) => priceOf(pricing)],
    ['CONTEXT_WINDOW', 'contextWindow', ({ contextWindow }: never) => contextWindow],
    ['RELEASED', 'released', ({ released }: never) => released],
  ] as const)('orders by %s, both ways, unknown ones last', async (field, selected, factOf) => {
    for (const direction of ['ASC', 'DESC']) {
      const document = `{ models(orderBy: { field: ${field}, direction: ${direction} }) { ${selected} } }`;
      const facts = ((await ask(document)).data['models'] as never[]).map(factOf) as (number | string | null)[];
      const known = facts.filter((fact) => fact !== null);
      expect(known.length).toBeGreaterThan(20);
      expect(facts.slice(0, known.length)).toEqual(known);
      const sorted = known.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      expect(known).toEqual(direction === 'ASC' ? sorted : sorted.toReversed());
    }
  });

  function priceOf(pricing: { inputPerMillion: number; outputPerMillion: number } | null): number | null {
    return pricing && pricing.inputPerMillion + pricing.outputPerMillion;
  }
});

describe('mutation chat', () => {
  let provider: ProviderServer;
  let local: RunningGateway;
  let running = 0;
  let most = 0;
  beforeAll(async () => {
    provider = await startProvider(async (_request, response) => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      sendJson(response, 200, openAiAnswer('Hello'));
    });
    local = await openGateway({ yaml: localProvider(provider.url) });
  });
  afterAll(async () => {
    await local?.[Symbol.asyncDispose]();
    await provider?.close();
  });

  it('gives what the query gives, one after the other', async () => {
    const chat =
      'chat(input: { model: "local/x", messages: [{ role: USER, content: "Hi" }] }) { __typename ... on Completion { text finishReason } }';
    const asked = async (kind: string, body: string) => (await query(local.url, `${kind} { ${body} }`)).data;
    const one = { __typename: 'Completion', text: 'Hello', finishReason: 'STOP' };
    expect(await asked('query', chat)).toEqual({ chat: one });
    expect(await asked('mutation', chat)).toEqual({ chat: one });
    most = 0;
    expect(await asked('mutation', `a: ${chat} b: ${chat}`)).toEqual({ a: one, b: one });
    expect(most).toBe(1);
    expect(await asked('query', `a: ${chat} b: ${chat}`)).toEqual({ a: one, b: one });
    expect(most).toBe(2);
  });

  it('is not run by GET', async () => {
    const document = 'mutation { chat(input: { model: "local/x", messages: [] }) { __typename } }';
    const response = await fetch(`${local.url}/graphql?query=${encodeURIComponent(document)}`);
    expect(response.status).toBe(405);
  });
});
