import { buildSchema, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subgraphSdl } from '../../src/graphql/federation.ts';
import { printedSchema, schema } from '../../src/graphql/schema.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';

/** The gateway as a subgraph, by the subgraph specification of Apollo Federation 2. */

const web = callerKey('web', 'models: [openai/gpt-4o]');
const all = callerKey('all');
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({
    yaml: `${quickSandbox}graphql: { federation: true }\nroutes: { fast: [openai/gpt-4o] }\n${callersYaml(web, all)}`,
  });
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename ... on Model { id displayName } ... on Provider { id name } ... on Route { id targets { model } }
  }
}`;
const ask = (representations: readonly unknown[], key = all.key) =>
  query(gateway.url, entities, { representations }, key);

describe('_service', () => {
  it('has the SDL, with keys and the link of the specification', async () => {
    const { data } = await query(gateway.url, '{ _service { sdl } }', {}, all.key);
    const { sdl } = (data?.['_service'] ?? {}) as { sdl: string };
    expect(sdl).toBe(subgraphSdl(schema));
    expect(sdl).toMatch(/^extend schema @link\(url: "https:\/\/specs\.apollo\.dev\/federation\/v2\.3"/);
    for (const type of ['Model', 'Provider', 'Route'])
      expect(sdl).toMatch(new RegExp(`type ${type} .*@key\\(fields: "id"\\)`));
    expect(sdl).toMatch(/type PageInfo @shareable/);
    expect(sdl).toMatch(/chat\([^)]*\): ChatResult! @tag\(name: "paid"\)/);
    // Neither the fields of this specification nor Relay's node are part of a supergraph's subgraph.
    expect(sdl).not.toMatch(/_entities|_service|_Any|\n {2}node\(/);
    expect(parse(sdl).definitions.length).toBeGreaterThan(50);
  });

  it('is not there by default', async () => {
    await using usual = await openGateway({ yaml: quickSandbox });
    expect((await query(usual.url, '{ _service { sdl } }')).errors?.[0]?.message).toMatch(
      /Cannot query field "_service"/,
    );
    expect(buildSchema(printedSchema()).getType('_Entity')).toBeUndefined();
  });
});

describe('_entities', () => {
  it('finds each, in order, and null for what is not there', async () => {
    const { data } = await ask([
      { __typename: 'Route', id: 'route/fast' },
      { __typename: 'Model', id: 'openai/gpt-4o' },
      { __typename: 'Provider', id: 'nobody' },
      { __typename: 'Provider', id: 'openai' },
      { __typename: 'Provider', id: 'openai/gpt-4o' },
    ]);
    expect(data?.['_entities']).toEqual([
      { __typename: 'Route', id: 'route/fast', targets: [{ model: 'openai/gpt-4o' }] },
      { __typename: 'Model', id: 'openai/gpt-4o', displayName: 'GPT-4o' },
      null,
      { __typename: 'Provider', id: 'openai', name: 'OpenAI' },
      null,
    ]);
  });

  it('hides what a caller may not use', async () => {
    const asked = [
      { __typename: 'Model', id: 'openai/gpt-4o-mini' },
      { __typename: 'Provider', id: 'mistral' },
    ];
    expect((await ask(asked, web.key)).data?.['_entities']).toEqual([null, null]);
  });

  it.each([
    ['another type', [{ __typename: 'Usage', id: 'x' }]],
    ['a name of Object', [{ __typename: 'constructor', id: 'x' }]],
    ['a type without a key', [{ __typename: 'PageInfo', id: 'x' }]],
    ['no id', [{ __typename: 'Model' }]],
    ['no object', [5]],
    ['too many', Array.from({ length: 1_001 }, () => ({ __typename: 'Model', id: 'openai/gpt-4o' }))],
  ])('refuses %s', async (_name, representations) => {
    expect((await ask(representations)).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

it('answers and streams as without it', async () => {
  const document =
    '{ chat(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: "Hi" }] }) { __typename } }';
  expect((await query(gateway.url, document, {}, all.key)).data).toEqual({ chat: { __typename: 'Completion' } });
});
