import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { isAbstractType, isObjectType } from 'graphql';
import { createOperationDescriptor, Environment, Network, RecordSource, Store } from 'relay-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { snippetsOf } from '../support/doc-snippets.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** Normalized caches key objects by id: an id that repeats would overwrite an earlier answer. */

let provider: ProviderServer;
let gateway: RunningGateway;

beforeAll(async () => {
  // A server that gives neither its answers nor their calls an id.
  provider = await startProvider(({ body }, response) => {
    const [{ content }] = body['messages'] as [{ content: string }];
    const call = { type: 'function', function: { name: 'weather', arguments: JSON.stringify({ city: content }) } };
    sendJson(response, 200, {
      choices: [
        { index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' },
      ],
      usage: { prompt_tokens: content.length, completion_tokens: 2, total_tokens: content.length + 2 },
    });
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const document = `query Weather($city: String!) {
  chat(input: { model: "local/m", messages: [{ role: USER, content: $city }], tools: [{ name: "weather" }] }) {
    __typename
    ... on Completion { id toolCalls { __typename id name arguments } usage { __typename inputTokens } }
    ... on ChatFailure { code }
  }
}`;
const cities = ['Paris', 'Reykjavik'];

type Answer = { chat: { toolCalls: { arguments: string }[]; usage: { inputTokens: number } } };

function expectOwn(answer: Answer | null | undefined, city: string): void {
  expect(answer?.chat.toolCalls.map((call) => JSON.parse(call.arguments))).toEqual([{ city }]);
  expect(answer?.chat.usage.inputTokens).toBe(city.length);
}

describe('two conversations with tools', () => {
  it('stay apart in the default cache of Apollo Client', async () => {
    const cache = new InMemoryCache();
    const client = new ApolloClient({ link: new HttpLink({ uri: `${gateway.url}/graphql` }), cache });
    const query = gql(document);
    for (const city of cities) await client.query<Answer>({ query, variables: { city } });
    for (const city of cities) expectOwn(cache.readQuery<Answer>({ query, variables: { city } }), city);
  });

  it("stay apart in the default cache of urql's Graphcache", async () => {
    const exchanges = [cacheExchange({}), fetchExchange];
    const client = new Client({ url: `${gateway.url}/graphql`, preferGetMethod: false, exchanges });
    for (const city of cities) await client.query<Answer>(document, { city });
    for (const city of cities) {
      const { data } = await client.query<Answer>(document, { city }, { requestPolicy: 'cache-only' });
      expectOwn(data, city);
    }
  });

  it('stay apart in the store of Relay', async () => {
    const network = Network.create(async ({ text }, variables) => {
      const body = JSON.stringify({ query: text, variables });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })).json() as never;
    });
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    for (const city of cities) {
      const operation = createOperationDescriptor(compiled, { city });
      await environment
        .executeWithSource({ operation, source: environment.getNetwork().execute(compiled.params, { city }, {}) })
        .toPromise();
      environment.retain(operation);
    }
    for (const city of cities) {
      const { data } = environment.lookup(createOperationDescriptor(compiled, { city }).fragment);
      expectOwn(data as Answer, city);
    }
  });
});

describe('the cache of docs/clients.md', () => {
  const [, literal = ''] =
    /export const cacheOptions = (\{[\s\S]*?\n\});/.exec(snippetsOf('docs/clients.md').get('cache.ts') ?? '') ?? [];
  const { possibleTypes, typePolicies } = new Function(`return ${literal}`)() as {
    possibleTypes: Record<string, string[]>;
    typePolicies: Record<string, { keyFields: false }>;
  };
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

  it('names every possible type of every union and interface', () => {
    const unions = types.filter(isAbstractType).map((type) => [
      type.name,
      schema
        .getPossibleTypes(type)
        .map(({ name }) => name)
        .toSorted(),
    ]);
    const sorted = Object.entries(possibleTypes).map(([union, names]) => [union, names.toSorted()]);
    expect(Object.fromEntries(sorted)).toEqual(Object.fromEntries(unions));
  });

  it('keys no value by its id', () => {
    const entities = ['Model', 'Provider', 'Route'];
    const values = types.filter(
      (type) => isObjectType(type) && 'id' in type.getFields() && !entities.includes(type.name),
    );
    expect(Object.keys(typePolicies).sort()).toEqual(values.map(({ name }) => name).sort());
    for (const policy of Object.values(typePolicies)) expect(policy).toEqual({ keyFields: false });
  });

  it('reads a fragment on a union, as in the README', async () => {
    const cache = new InMemoryCache({ possibleTypes, typePolicies });
    const client = new ApolloClient({ link: new HttpLink({ uri: `${gateway.url}/graphql` }), cache });
    const query = gql`query { chat(input: { model: "local/m", messages: [{ role: USER, content: "x" }], tools: [{ name: "weather" }] }) { ...Answer } }
      fragment Answer on ChatResult { ... on Completion { toolCalls { name } } ... on ChatFailure { code } }`;
    const { data } = await client.query<Answer>({ query });
    expect(data?.chat).toMatchObject({ toolCalls: [{ name: 'weather' }] });
  });
});

/** What relay-compiler makes of the document. */
const selections = [
  { alias: null, args: null, kind: 'ScalarField', name: '__typename', storageKey: null },
  {
    kind: 'InlineFragment',
    type: 'Completion',
    abstractKey: null,
    selections: [
      { alias: null, args: null, kind: 'ScalarField', name: 'id', storageKey: null },
      {
        ...{
          alias: null,
          args: null,
          concreteType: 'ToolCall',
          kind: 'LinkedField',
          name: 'toolCalls',
          plural: true,
          storageKey: null,
        },
        selections: ['__typename', 'id', 'name', 'arguments'].map(scalar),
      },
      {
        ...{
          alias: null,
          args: null,
          concreteType: 'Usage',
          kind: 'LinkedField',
          name: 'usage',
          plural: false,
          storageKey: null,
        },
        selections: ['__typename', 'inputTokens'].map(scalar),
      },
    ],
  },
];
const root = [
  {
    ...{
      alias: null,
      concreteType: null,
      kind: 'LinkedField',
      name: 'chat',
      plural: false,
      storageKey: null,
      selections,
    },
    args: [{ kind: 'Variable', name: 'city', variableName: 'city' }],
  },
];
const argumentDefinitions = [{ defaultValue: null, kind: 'LocalArgument', name: 'city' }];
const compiled = {
  kind: 'Request',
  fragment: {
    argumentDefinitions,
    kind: 'Fragment',
    metadata: null,
    name: 'Weather',
    selections: root,
    type: 'Query',
    abstractKey: null,
  },
  operation: { argumentDefinitions, kind: 'Operation', name: 'Weather', selections: root },
  params: { id: null, cacheID: 'weather', metadata: {}, name: 'Weather', operationKind: 'query', text: document },
} as never as Parameters<typeof createOperationDescriptor>[0];

function scalar(name: string): object {
  return { alias: null, args: null, kind: 'ScalarField', name, storageKey: null };
}
