import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** `embed` in GraphQL and `/v1/embeddings`, in the sandbox and against a provider that counts requests. */

const models = [
  ['openai/text-embedding-3-small', 1536],
  ['google/gemini-embedding-001', 3072],
  ['mistral/mistral-embed', 1024],
  ['cohere/embed-v4.0', 1536],
  ['qwen/text-embedding-v4', 1024],
  ['deepinfra/BAAI/bge-m3', 1024],
] as const;

type Json = Record<string, unknown>;

async function post(url: string, path: string, body: object, key = 'any') {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const document = `query Embed($input: EmbedInput!) { embed(input: $input) {
  __typename
  ... on Embeddings {
    provider model isSandbox dimensions vectors { values base64 } usage { inputTokens outputTokens }
    cost { total } warnings { option } attempts { provider code } latencyMs
  }
  ... on EmbedFailure { code message retryable issues { path } attempts { code } }
} }`;

const embed = async (url: string, input: object): Promise<Json> =>
  (await post(url, '/graphql', { query: document, variables: { input } })).body.data.embed;

const fromBase64 = (text: string) => {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
};

describe('in the sandbox', () => {
  let gateway: RunningGateway;
  let client: OpenAI;
  beforeAll(async () => {
    gateway = await openGateway({ yaml: quickSandbox });
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it.each(models)('%s embeds on both faces alike', async (model, dimensions) => {
    const texts = ['Hello', 'Good evening', 'Hello'];
    const told = await embed(gateway.url, { model, input: texts });
    expect(told).toMatchObject({
      __typename: 'Embeddings',
      provider: model.split('/')[0],
      isSandbox: true,
      dimensions,
    });
    const vectors = told['vectors'] as { values: number[]; base64: string }[];
    expect(vectors).toHaveLength(3);
    expect(vectors[0]).toEqual(vectors[2]);
    expect(vectors[0]).not.toEqual(vectors[1]);
    for (const { values, base64 } of vectors) {
      expect(values).toHaveLength(dimensions);
      expect(fromBase64(base64)).toEqual(values.map(Math.fround));
    }
    // OpenAI's SDK asks for base64 unless told otherwise.
    const { data, usage } = await client.embeddings.create({ model, input: texts });
    expect(data.map(({ index, embedding }) => [index, embedding])).toEqual(
      vectors.map(({ values }, index) => [index, values.map(Math.fround)]),
    );
    expect(usage.prompt_tokens).toBe((told['usage'] as Json)['inputTokens']);
    const plain = await client.embeddings.create({ model, input: 'Hello', encoding_format: 'float', dimensions: 256 });
    expect(plain.data[0]?.embedding).toHaveLength(256);
  });

  const png = 'data:image/png;base64,iVBORw0KGgo=';

  it.each(['cohere/embed-v4.0', 'google/gemini-embedding-2-preview'])(
    '%s embeds images, on both faces alike',
    async (model) => {
      const items = [
        { parts: [{ text: 'A cat' }, { image: { url: png } }] },
        { parts: [{ image: { url: png } }] },
        { parts: [{ text: 'A cat' }] },
      ];
      const told = await embed(gateway.url, { model, items });
      const vectors = (told['vectors'] as { values: number[] }[]).map(({ values }) => values.map(Math.fround));
      expect(new Set(vectors.map(([first]) => first)).size).toBe(3);
      const image = { type: 'image_url', image_url: { url: png } };
      const input = [{ content: [{ type: 'text', text: 'A cat' }, image] }, { content: [image] }, 'A cat'];
      const { data } = await client.embeddings.create({ model, input } as unknown as OpenAI.EmbeddingCreateParams);
      expect(data.map(({ embedding }) => embedding)).toEqual(vectors);
    },
  );

  it.each<[string, Json, string, string]>([
    ['an image for a model of texts', { items: [{ parts: [{ image: { url: png } }] }] }, 'UNSUPPORTED_OPTION', ''],
    ['texts and items', { input: ['a'], items: [{ parts: [{ text: 'a' }] }] }, 'INVALID_REQUEST', 'input'],
    ['neither', {}, 'INVALID_REQUEST', 'input'],
    [
      'a part of both kinds',
      { items: [{ parts: [{ text: 'a', image: { url: png } }] }] },
      'INVALID_REQUEST',
      'items[0].parts[0]',
    ],
    [
      'no address',
      { items: [{ parts: [{ image: { url: 'cat' } }] }] },
      'INVALID_REQUEST',
      'items[0].parts[0].image.url',
    ],
  ])('%s is refused: items', async (_what, more, code, path) => {
    const told = await embed(gateway.url, { model: 'openai/text-embedding-3-small', ...more });
    expect(told).toMatchObject({ __typename: 'EmbedFailure', code, ...(path && { issues: [{ path }] }) });
  });

  it('items of texts are taken by every model', async () => {
    const model = 'openai/text-embedding-3-small';
    const [items, texts] = [
      await embed(gateway.url, { model, items: [{ parts: [{ text: 'a' }] }] }),
      await embed(gateway.url, { model, input: ['a'] }),
    ];
    expect(items['vectors']).toEqual(texts['vectors']);
  });

  it('has a price where it is known, and names what a provider does not know', async () => {
    const told = await embed(gateway.url, { model: 'openai/text-embedding-3-small', input: ['a'], taskType: 'QUERY' });
    expect(told['warnings']).toEqual([{ option: 'taskType' }]);
    expect((told['cost'] as { total: number }).total).toBeGreaterThan(0);
    const google = await embed(gateway.url, { model: 'google/gemini-embedding-001', input: ['a'], taskType: 'QUERY' });
    expect(google['warnings']).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ['no text', { input: [] }, 'input'],
    ['an empty text', { input: ['a', ''] }, 'input[1]'],
    ['another model as a fallback', { fallbacks: ['openai/text-embedding-3-large'] }, 'fallbacks[0]'],
    ['no dimensions', { dimensions: 0 }, 'dimensions'],
  ])('%s is told with its place', async (_what, more, path) => {
    const request = { model: 'openai/text-embedding-3-small', input: ['a'], ...more };
    expect(await embed(gateway.url, request)).toMatchObject({
      __typename: 'EmbedFailure',
      code: 'INVALID_REQUEST',
      issues: [{ path }],
    });
    const { status, body } = await post(gateway.url, '/v1/embeddings', request);
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_request', param: path } }]);
  });

  it('a provider without embeddings says so before anything is sent', async () => {
    expect(await embed(gateway.url, { model: 'anthropic/claude-sonnet-4-5', input: ['a'] })).toMatchObject({
      __typename: 'EmbedFailure',
      code: 'UNSUPPORTED_OPTION',
    });
  });

  it.each([
    ['input', { input: [[1, 2, 3]] }],
    ['input', { input: [1, 2] }],
    ['encoding_format', { encoding_format: 'int8' }],
  ])('REST refuses a wrong %s', async (param, more) => {
    const { status, body } = await post(gateway.url, '/v1/embeddings', { model: 'openai/x', input: 'a', ...more });
    expect([status, body]).toMatchObject([400, { error: { param } }]);
  });

  it('lists its models with what is known of them', async () => {
    const query =
      '{ embeddingModels { id dimensions isShortened maxInputTokens takesImages inputPerMillion isAvailable } }';
    const { body } = await post(gateway.url, '/graphql', { query });
    expect(body.data.embeddingModels).toContainEqual({
      ...{
        id: 'openai/text-embedding-3-small',
        dimensions: 1536,
        isShortened: true,
        maxInputTokens: 8191,
        takesImages: false,
      },
      ...{ inputPerMillion: 0.02, isAvailable: true },
    });
    for (const [id, dimensions] of models) {
      expect(body.data.embeddingModels).toContainEqual(expect.objectContaining({ id, dimensions }));
    }
  });

  it('is paid: the number of such fields in a document is limited', async () => {
    const fields = Array.from(
      { length: 5 },
      (_, index) => `e${index}: embed(input: { model: "openai/x", input: ["a"] }) { __typename }`,
    );
    const { body } = await post(gateway.url, '/graphql', { query: `{ ${fields.join(' ')} }` });
    expect(body.errors[0].extensions.code).toBe('TOO_MANY_PAID_FIELDS');
  });
});

describe('with a provider', () => {
  const web = callerKey('web');
  const small = callerKey('small', 'limits: { maxInputBytes: 100 }');
  let provider: ProviderServer;
  let gateway: RunningGateway;
  let running = 0;
  let most = 0;
  beforeAll(async () => {
    provider = await startProvider(async ({ body }, response) => {
      const texts = body['texts'] as string[];
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (texts.includes('break')) return sendJson(response, 400, { message: 'no' });
      const float = texts.includes('fewer') ? [] : texts.map((text) => [Number(text), 1]);
      sendJson(response, 200, { embeddings: { float }, meta: { billed_units: { input_tokens: texts.length } } });
    });
    gateway = await openGateway({
      yaml: callersYaml(web, small),
      env: { COHERE_API_KEY: 'test-key', COHERE_BASE_URL: provider.url },
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await provider.close();
  });

  const ask = (input: readonly string[], key = web.key) =>
    post(gateway.url, '/v1/embeddings', { model: 'cohere/embed-v4.0', input, task_type: 'query' }, key);

  it('splits texts into what one request takes, side by side, with one bill', async () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => String(index));
    const { status, body } = await ask(texts);
    expect(status).toBe(200);
    expect(body.data.map(({ embedding }: { embedding: number[] }) => embedding[0])).toEqual(texts.map(Number));
    expect(body.usage).toEqual({ prompt_tokens: 1_000, total_tokens: 1_000 });
    expect(body.x_parley.attempts).toHaveLength(11);
    const sizes = provider.requests.map((request) => (request.body['texts'] as string[]).length);
    expect(sizes).toHaveLength(11);
    expect(Math.max(...sizes)).toBe(96);
    expect(provider.requests[0]?.body).toMatchObject({ input_type: 'search_query', embedding_types: ['float'] });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('a batch that fails is the failure of all', async () => {
    const before = provider.requests.length;
    const { status, body } = await ask([...Array.from({ length: 900 }, () => '1'), 'break']);
    expect([status, body]).toMatchObject([400, { error: { x_parley: { code: 'UPSTREAM_REJECTED' } } }]);
    expect(provider.requests.length - before).toBeLessThanOrEqual(10);
  });

  it('items with images go over Cohere’s wire, split like texts', async () => {
    await using mixed = await startProvider(({ body }, response) => {
      const float = (body['inputs'] as object[]).map((_, index) => [index, 1]);
      sendJson(response, 200, { embeddings: { float }, meta: {} });
    });
    await using own = await openGateway({ env: { COHERE_API_KEY: 'test-key', COHERE_BASE_URL: mixed.url } });
    const url = 'data:image/png;base64,iVBORw0KGgo=';
    const item = { parts: [{ text: 'A cat' }, { image: { url } }] };
    const model = 'cohere/embed-v4.0';
    const told = await embed(own.url, { model, items: Array.from({ length: 100 }, () => item) });
    expect(told['vectors']).toHaveLength(100);
    const sizes = mixed.requests.map(({ body }) => (body['inputs'] as object[]).length);
    expect(sizes.toSorted()).toEqual([4, 96]);
    const [first] = mixed.requests.flatMap(({ body }) => body['inputs'] as object[]);
    expect(first).toEqual({
      content: [
        { type: 'text', text: 'A cat' },
        { type: 'image_url', image_url: { url } },
      ],
    });
    const remote = { model, items: [{ parts: [{ image: { url: 'https://example.com/a.png' } }] }] };
    expect(await embed(own.url, remote)).toMatchObject({
      code: 'UNSUPPORTED_OPTION',
      message: expect.stringContaining('images.fetch'),
    });
    const inside = { model, items: [{ parts: [{ image: { url: 'http://169.254.169.254/a.png' } }] }] };
    expect(await embed(own.url, inside)).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'items[0].parts[0].image.url' }],
    });
  });

  it('fewer vectors than texts are no answer', async () => {
    expect((await ask(['fewer'])).body).toMatchObject({ error: { x_parley: { code: 'UPSTREAM_MALFORMED' } } });
  });

  it('a caller’s limit of bytes holds', async () => {
    expect((await ask(['1'.repeat(101)], small.key)).body).toMatchObject({ error: { param: 'input' } });
    const before = provider.requests.length;
    const many = Array.from({ length: 200 }, () => '1');
    expect((await ask(many, small.key)).body).toMatchObject({ error: { param: 'input' } });
    expect(provider.requests).toHaveLength(before);
    expect((await ask(many.slice(0, 98), small.key)).status).toBe(200);
  });

  it('is logged as what it is, without its texts', async () => {
    await ask(['1234567']);
    const told = () => gateway.calls.find(({ message }) => message.startsWith('embed ') && message.includes(' ok '));
    await expect.poll(told).toBeDefined();
    expect(told()?.message).toMatch(/^embed cohere\/embed-v4\.0 ok in \d+ ms$/);
    expect(JSON.stringify(gateway.calls)).not.toContain('1234567');
  });
});
