import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';
import { openAiAnswer, sendJson, startProvider } from '../support/provider-server.ts';
import { sharedCatalog } from '../support/shared.ts';

type Row = { id: string; name: string; provider: { id: string } } & Record<string, unknown>;

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({
    yaml: `${quickSandbox}routes: { quick: [openai/gpt-4o, xai/grok-4], any: [{ model: ai21/x, weight: 2 }] }\n`,
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function models(filter: object): Promise<Row[]> {
  const { data, errors } = await query(
    gateway.url,
    `query ($filter: ModelFilter) { models(filter: $filter) {
      id name displayName family contextWindow maxOutputTokens inputModalities reasoningEfforts status released retired isAvailable isSandbox
      provider { id } supports { tools structuredOutput reasoning streaming sampling }
      pricing { inputPerMillion outputPerMillion cachedInputPerMillion source asOf } } }`,
    { filter },
  );
  expect(errors).toBeUndefined();
  return data?.['models'] as Row[];
}

describe('models', () => {
  it('lists the whole catalogue: 250 models of eleven providers', async () => {
    const all = await models({});
    expect(all).toHaveLength(250);
    expect(new Set(all.map(({ provider }) => provider.id)).size).toBe(11);
    expect(new Set(all.map(({ id }) => id)).size).toBe(250);
    expect(all.every(({ isAvailable, isSandbox }) => isAvailable && isSandbox)).toBe(true);
  });

  it.skipIf(!sharedCatalog)('has all 103 seed models and every fact of the shared catalogue', async () => {
    const { models: entries } = JSON.parse(readFileSync(sharedCatalog ?? '', 'utf8'));
    const all = new Map((await models({})).map((model) => [model.id, model]));
    const seeds = entries.filter(({ seed }: { seed?: boolean }) => seed);
    expect(seeds).toHaveLength(103);
    for (const entry of entries) {
      expect(all.get(`${entry.provider}/${entry.id}`)).toMatchObject({
        name: entry.id,
        displayName: entry.name,
        contextWindow: entry.contextWindow ?? null,
        maxOutputTokens: entry.maxOutputTokens ?? null,
        inputModalities: entry.inputModalities.map((modality: string) => modality.toUpperCase()),
        status: entry.status.toUpperCase(),
        released: entry.released ?? null,
        retired: entry.retired ?? null,
        reasoningEfforts: entry.reasoning?.effort ?? null,
        supports: {
          tools: entry.tools ?? null,
          streaming: entry.streaming ?? null,
          sampling: entry.temperature ?? null,
        },
        // Where the catalogue has no price, the price list that answers are charged by may have one.
        ...(entry.pricePerMillion && {
          pricing: {
            inputPerMillion: expect.any(Number),
            outputPerMillion: expect.any(Number),
            source: expect.stringMatching(`^(genai-prices .*|${entry.priceSource})$`),
          },
        }),
      });
    }
  });

  it.each<[string, object, (model: Row) => boolean]>([
    ['provider', { provider: 'mistral' }, ({ provider }) => provider.id === 'mistral'],
    ['words in any order and case', { search: 'SONNET claude' }, ({ id }) => /claude.*sonnet/.test(id)],
    [
      'modalities',
      { modalities: ['IMAGE', 'AUDIO'] },
      ({ inputModalities }) => ['IMAGE', 'AUDIO'].every((kind) => (inputModalities as string[]).includes(kind)),
    ],
    ['tools', { tools: true }, ({ supports }) => (supports as { tools: boolean }).tools],
    [
      'a format, or a stricter one',
      { structuredOutput: 'JSON_OBJECT' },
      ({ supports }) => /^JSON/.test((supports as { structuredOutput: string }).structuredOutput),
    ],
    ['reasoning', { reasoning: false }, ({ supports }) => (supports as { reasoning: boolean }).reasoning === false],
    ['context window', { minContextWindow: 1_000_000 }, ({ contextWindow }) => Number(contextWindow) >= 1_000_000],
    [
      'price',
      { maxInputPrice: 0.1 },
      ({ pricing }) => ((pricing as { inputPerMillion: number } | null)?.inputPerMillion ?? 1) <= 0.1,
    ],
    ['status', { status: ['RETIRED', 'DEPRECATED'] }, ({ status }) => status === 'RETIRED' || status === 'DEPRECATED'],
    ['availability', { isAvailable: true }, ({ isAvailable }) => isAvailable === true],
    [
      'all at once',
      { provider: 'openai', tools: true, status: ['ACTIVE'] },
      ({ provider, status }) => provider.id === 'openai' && status === 'ACTIVE',
    ],
  ])('are filtered by %s', async (_what, filter, fulfils) => {
    const [all, found] = [await models({}), await models(filter)];
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((model) => !fulfils(model))).toEqual([]);
    if (Object.keys(filter).length === 1) expect(found).toHaveLength(all.filter(fulfils).length);
  });

  it('treats null in a filter as no condition', async () => {
    expect(await models({ provider: null, tools: null, status: null })).toHaveLength(250);
  });
});

describe('model and providers', () => {
  it('finds one model by its id, and null for an unknown one', async () => {
    const { data } = await query(
      gateway.url,
      '{ a: model(id: "openai/gpt-4o") { displayName status } b: model(id: "openai/nope") { id } }',
    );
    expect(data).toEqual({ a: { displayName: 'GPT-4o', status: 'DEPRECATED' }, b: null });
  });

  it('lists the providers with their models', async () => {
    const { data } = await query(gateway.url, '{ providers { id name status isSandbox models { id } } }');
    const providers = data?.['providers'] as { id: string; name: string; status: string; models: unknown[] }[];
    expect(providers.map(({ id }) => id).sort()).toEqual([
      'ai21',
      'anthropic',
      'cohere',
      'deepinfra',
      'deepseek',
      'google',
      'mistral',
      'openai',
      'perplexity',
      'qwen',
      'xai',
    ]);
    expect(providers.every(({ status }) => status === 'SANDBOX')).toBe(true);
    expect(providers.reduce((sum, provider) => sum + provider.models.length, 0)).toBe(250);
  });

  it('lists the routes, and uses them', async () => {
    const { data } = await query(gateway.url, '{ routes { id targets { model weight } } }');
    expect(data?.['routes']).toEqual([
      {
        id: 'route/quick',
        targets: [
          { model: 'openai/gpt-4o', weight: null },
          { model: 'xai/grok-4', weight: null },
        ],
      },
      { id: 'route/any', targets: [{ model: 'ai21/x', weight: 2 }] },
    ]);
    const document =
      '{ chat(input: { model: "route/quick", messages: [{ role: USER, content: "x" }] }) { ... on Completion { provider attempts { model key } } } }';
    expect((await query(gateway.url, document)).data).toEqual({
      chat: { provider: 'openai', attempts: [{ model: 'gpt-4o', key: 'openai#1' }] },
    });
  });

  it('does not refuse models outside the catalogue', async () => {
    const provider = await startProvider(({ body }, response) =>
      sendJson(response, 200, { ...openAiAnswer('Hi'), model: body['model'] }),
    );
    await using real = await openGateway({ env: { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: `${provider.url}/v1` } });
    const document =
      '{ chat(input: { model: "openai/gpt-of-tomorrow", messages: [{ role: USER, content: "x" }] }) { ... on Completion { model cost { total } } } }';
    expect((await query(real.url, document)).data).toEqual({ chat: { model: 'gpt-of-tomorrow', cost: null } });
    await provider.close();
  });
});
