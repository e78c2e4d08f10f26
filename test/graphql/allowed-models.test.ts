import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, sseClient } from '../support/graphql-client.ts';

const restricted = callerKey('restricted', 'models: [openai/gpt-4o, "mistral/*"]');
const free = callerKey('free');

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox + callersYaml(restricted, free) });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ask = (document: string, key = restricted.key) => query(gateway.url, document, {}, key);
type Named = { id: string; models: Named[] };

const asking = (input: string) => `(input: { ${input}, messages: [{ role: USER, content: "x" }] })`;
const answer =
  '{ __typename ... on Completion { model } ... on ChatFailure { code attempts { code } issues { path } } }';

describe('a caller with a list of models', () => {
  it('sees these models and no others in every field', async () => {
    const document =
      '{ models { id } providers { id models { id } } no: model(id: "openai/o3") { id } yes: model(id: "openai/gpt-4o") { id provider { models { id } } } }';
    const { data } = await ask(document);
    const models = data?.['models'] as Named[];
    expect(models.filter(({ id }) => !id.startsWith('mistral/'))).toEqual([{ id: 'openai/gpt-4o' }]);
    expect(models.length).toBeGreaterThan(5);
    const providers = data?.['providers'] as Named[];
    expect(providers.map(({ id }) => id).sort()).toEqual(['mistral', 'openai']);
    expect(providers.find(({ id }) => id === 'openai')?.models).toEqual([{ id: 'openai/gpt-4o' }]);
    expect(data).toMatchObject({ no: null, yes: { provider: { models: [{ id: 'openai/gpt-4o' }] } } });
    expect((await ask('{ providers { id } }', free.key)).data?.['providers']).toHaveLength(11);
  });

  it.each([
    'model: "openai/gpt-4o"',
    'model: "gpt-4o", provider: "openai"',
    'model: "mistral/anything", fallbacks: ["openai/gpt-4o"]',
  ])('is answered by %s', async (input) => {
    expect((await ask(`{ chat${asking(input)} ${answer} }`)).data).toMatchObject({
      chat: { __typename: 'Completion' },
    });
  });

  it.each([
    ['model: "openai/o3"', 'model'],
    ['model: "o3", provider: "openai"', 'model'],
    ['model: "Gryphe/MythoMax-L2-13b", provider: "deepinfra"', 'model'],
    ['model: "openai/gpt-4o", fallbacks: ["mistral/x", "xai/grok-4"]', 'fallbacks[1]'],
  ])('is refused %s, before anybody is asked', async (input, path) => {
    const refused = { code: 'MODEL_NOT_ALLOWED', attempts: [], issues: [{ path }] };
    expect((await ask(`{ chat${asking(input)} ${answer} }`)).data).toMatchObject({ chat: refused });
    const events = [];
    const document = `subscription { chatStream${asking(input)} { ... on CompletionFailed { code attempts { code } issues { path } } } }`;
    for await (const { data } of sseClient(gateway.url, restricted.key).iterate({ query: document })) events.push(data);
    expect(events).toEqual([{ chatStream: refused }]);
    expect((await ask(`{ chat${asking(input)} ${answer} }`, free.key)).data).toMatchObject({
      chat: { __typename: 'Completion' },
    });
  });
});
