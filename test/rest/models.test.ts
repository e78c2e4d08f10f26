import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: `${quickSandbox}routes: { fast: [openai/gpt-4o] }\n` });
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function get(path: string, url = gateway.url, method = 'GET') {
  const response = await fetch(url + path, { method });
  return { status: response.status, allow: response.headers.get('allow'), body: await response.json() };
}

describe('the list of models', () => {
  it('has OpenAI’s shape', async () => {
    const { status, body } = await get('/v1/models');
    expect([status, body.object]).toEqual([200, 'list']);
    expect(body.data.find(({ id }: { id: string }) => id === 'openai/gpt-4o')).toMatchObject({
      id: 'openai/gpt-4o',
      object: 'model',
      created: Date.UTC(2024, 4, 13) / 1000,
      owned_by: 'openai',
      context_length: 128_000,
      architecture: {
        input_modalities: expect.arrayContaining(['text', 'image']),
        output_modalities: expect.arrayContaining(['text']),
      },
      pricing: { prompt: '0.0000025', completion: '0.00001' },
      supported_parameters: expect.arrayContaining(['temperature', 'tools', 'structured_outputs']),
      top_provider: { context_length: 128_000, max_completion_tokens: 16_384 },
    });
    for (const model of body.data) {
      expect(Object.keys(model).slice(0, 4)).toEqual(['id', 'object', 'created', 'owned_by']);
      for (const price of Object.values(model.pricing ?? {})) expect(price).toMatch(/^\d+(\.\d+)?$/);
    }
    expect(body.data.every(({ created }: { created: unknown }) => Number.isInteger(created))).toBe(true);
  });

  it('is grouped by provider, in names for the field "provider"', async () => {
    const [{ body: names }, { body: models }] = await Promise.all([get('/models'), get('/v1/models')]);
    expect(names.openai).toContain('gpt-4o');
    expect(names.route).toEqual(['fast']);
    expect(names.anthropic).toContain('claude-3-opus-20240229');
    const ids = Object.entries<string[]>(names).flatMap(([provider, all]) => all.map((name) => `${provider}/${name}`));
    expect(ids.sort()).toEqual(models.data.map(({ id }: { id: string }) => id).sort());
  });

  it('holds only available models', async () => {
    await using real = await openGateway({ env: { MISTRAL_API_KEY: 'test-key' } });
    expect(Object.keys((await get('/models', real.url)).body)).toEqual(['mistral']);
    const { data } = (await get('/v1/models', real.url)).body;
    expect(new Set(data.map((model: { owned_by: string }) => model.owned_by))).toEqual(new Set(['mistral']));
    expect((await get('/v1/models/openai/gpt-4o', real.url)).status).toBe(404);
  });
});

describe('Anthropic’s SDK', () => {
  it('gets the list and one model in its own shape', async () => {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
    const all = await Array.fromAsync(client.models.list());
    expect(all.find(({ id }) => id === 'openai/gpt-4o')).toMatchObject({ type: 'model', max_input_tokens: 128_000 });
    expect(await client.models.retrieve('openai/gpt-4o')).toMatchObject({
      type: 'model',
      created_at: '2024-05-13T00:00:00.000Z',
    });
  });
});

describe('one model', () => {
  it('may be a route', async () => {
    const { body } = await get('/v1/models/route/fast');
    expect(body).toEqual({ id: 'route/fast', object: 'model', created: 0, owned_by: 'route' });
  });

  it.each(['openai/gpt-4o', 'openai%2Fgpt-4o', 'openai/gpt-4o?x=1', '%6Fpenai/gpt-4o'])(
    'is found by %s',
    async (id) => {
      expect(await get(`/v1/models/${id}`)).toMatchObject({ status: 200, body: { id: 'openai/gpt-4o' } });
    },
  );

  it('is found though its own name has a slash', async () => {
    const id = 'deepinfra/meta-llama/Llama-3.3-70B-Instruct';
    for (const path of [id, encodeURIComponent(id)]) {
      expect((await get(`/v1/models/${path}`)).body).toMatchObject({ id, owned_by: 'deepinfra' });
    }
  });

  it.each(['gpt-4o', 'openai/gpt-of-tomorrow', '', '%zz', '..%2f', 'constructor'])(
    'is none by the name of "%s"',
    async (id) => {
      expect(await get(`/v1/models/${id}`)).toMatchObject({
        status: 404,
        body: { error: { type: 'invalid_request_error', code: 'model_not_found', param: null } },
      });
    },
  );
});

describe('another path or method', () => {
  it.each([
    ['GET', '/v1', 404, 'unknown_url', null],
    ['GET', '/v1/nothing', 404, 'unknown_url', null],
    ['GET', '/v1/chat/completions', 405, 'method_not_allowed', 'POST'],
    ['DELETE', '/v1/models/openai/gpt-4o', 405, 'method_not_allowed', 'GET'],
    ['PUT', '/models', 405, 'method_not_allowed', 'GET'],
  ])('%s %s is refused in OpenAI’s form', async (method, path, status, code, allow) => {
    expect(await get(path, gateway.url, method)).toMatchObject({ status, allow, body: { error: { code } } });
  });

  it.each(['', 'nope', '[]', '"text"', 'null', '{"a":'])('a body of %s is refused by its kind', async (body) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'bad_request', message: 'The body is not a JSON object.' } },
    ]);
  });
});
