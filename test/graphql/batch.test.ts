import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/** Batches of operations, as Apollo's BatchHttpLink sends them. */

const [web, kiosk] = [callerKey('web'), callerKey('kiosk', 'persistedOnly: true')];
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({
    yaml: `${quickSandbox}graphql: { maxBatch: 3, persistedOperations: list.json }\n${callersYaml(web, kiosk)}`,
    files: { 'list.json': '{ "h1": "{ __typename }" }' },
  });
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

async function send(body: unknown, key = web.key, url = gateway.url) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const chat = 'query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { finishReason } } }';
const input = { model: 'openai/gpt-4o', messages: [{ role: 'USER', content: 'Hello' }] };

it("is what Apollo's link sends and reads", async () => {
  const headers = { authorization: `Bearer ${web.key}` };
  const link = new BatchHttpLink({ uri: `${gateway.url}/graphql`, headers, batchMax: 3 });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const [models, answer] = await Promise.all([
    client.query<{ models: { id: string }[] }>({ query: gql`{ models(filter: { provider: "ai21" }) { id } }` }),
    client.query<{ chat: object }>({ query: gql(chat), variables: { input } }),
  ]);
  expect(models.data?.models.length).toBeGreaterThan(0);
  expect(answer.data?.chat).toMatchObject({ __typename: 'Completion', finishReason: 'STOP' });
});

describe('a batch', () => {
  it('has a result for each operation, in order, whatever becomes of the others', async () => {
    const { status, body } = await send([
      { query: '{ nothing }' },
      { query: chat, variables: { input } },
      { query: '{ __typename }', variables: 5 },
    ]);
    expect((await send([null, 5, { query: 5 }])).body).toMatchObject(
      [1, 2, 3].map(() => ({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })),
    );
    expect(status).toBe(200);
    expect((await send('\n [{ "query": "{ __typename }" }]')).body).toEqual([{ data: { __typename: 'Query' } }]);
    expect(body).toMatchObject([
      { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
      { data: { chat: { __typename: 'Completion' } } },
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  it('has the guards of single operations', async () => {
    const subscription = 'subscription ($input: ChatInput!) { chatStream(input: $input) { __typename } }';
    const { body } = await send([
      { query: subscription, variables: { input } },
      { query: chat, variables: { input: { model: 5 } } },
      { documentId: 'h1' },
    ]);
    expect(body).toMatchObject([
      { errors: [{ message: expect.stringMatching(/cannot be part of a batch/) }] },
      { errors: expect.arrayContaining([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })]) },
      { data: { __typename: 'Query' } },
    ]);
    expect((await send([{ documentId: 'h1' }, { query: '{ __typename }' }], kiosk.key)).body).toMatchObject([
      { data: { __typename: 'Query' } },
      { errors: [{ extensions: { code: 'PERSISTED_ONLY' } }] },
    ]);
  });

  it.each([
    ['too many', [1, 2, 3, 4].map(() => ({ query: '{ __typename }' })), /limit 3, graphql.maxBatch/],
    ['none', [], /no operation/],
    ['broken JSON', '[{', /not valid JSON/],
  ])('with %s is refused as a whole', async (_name, batch, message) => {
    expect(await send(batch)).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringMatching(message) }] },
    });
  });

  it('is refused by default', async () => {
    await using usual = await openGateway({ yaml: quickSandbox });
    const { status, body } = await send([{ query: '{ __typename }' }], '', usual.url);
    expect([status, body.errors[0].message]).toEqual([
      400,
      expect.stringMatching(/Batches are off \(graphql.maxBatch\)/),
    ]);
  });
});
