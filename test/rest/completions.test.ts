import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { sendJson, sendStream, startProvider } from '../support/provider-server.ts';

/** OpenAI's legacy completions, by OpenAI's own SDK. */

let gateway: RunningGateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe.each(['openai/gpt-4o-mini', 'anthropic/claude-sonnet-4-5'])('a completion of %s', (model) => {
  it('is the same whole and streamed', async () => {
    const whole = await client.completions.create({ model, prompt: 'Once upon', max_tokens: 200, best_of: 1 });
    expect(whole).toMatchObject({ object: 'text_completion', choices: [{ index: 0, finish_reason: 'stop' }] });
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    const stream = await client.completions.create({
      ...{ model, prompt: ['Once upon'], max_tokens: 200, n: 2 },
      ...{ stream: true, stream_options: { include_usage: true } },
    } as const as OpenAI.CompletionCreateParamsStreaming);
    const texts = ['', ''];
    const ends: (string | null)[] = [];
    let usage: unknown;
    for await (const { choices, usage: counted } of stream) {
      for (const { index, text, finish_reason: end } of choices) {
        texts[index] += text;
        if (end) ends.push(end);
      }
      usage = counted ?? usage;
    }
    expect(texts).toEqual([whole.choices[0]?.text, whole.choices[0]?.text]);
    expect(ends).toEqual(['stop', 'stop']);
    expect(usage).toMatchObject({ completion_tokens: 2 * (whole.usage?.completion_tokens ?? 0) });
  });
});

describe('a text that is filled in', () => {
  const fills = [
    ['mistral', '/fim/completions', { prompt: 'a = ', suffix: ';' }],
    ['deepseek', '/beta/completions', { prompt: 'a = ', suffix: ';' }],
    ['qwen', '/completions', { prompt: '<|fim_prefix|>a = <|fim_suffix|>;<|fim_middle|>' }],
    ['local', '/completions', { prompt: 'a = ', suffix: ';' }],
  ] as const;

  it.each(fills)('by %s goes to the path of its wire, whole and streamed', async (name, path, fields) => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    const head = { id: 'c', created: 1, model: 'coder' };
    const choice = (text: string, finish_reason: string | null) => {
      if (name === 'mistral') return { index: 0, message: { role: 'assistant', content: text }, finish_reason };
      return { index: 0, text, finish_reason };
    };
    const piece = (text: string, finish_reason: string | null) =>
      name === 'mistral' ? { index: 0, delta: { content: text }, finish_reason } : choice(text, finish_reason);
    await using provider = await startProvider(({ body }, response) => {
      if (body['stream'] !== true)
        return sendJson(response, 200, { ...head, choices: [choice('40 + 2', 'stop')], usage });
      const chunks = [
        { choices: [piece('40 ', null)] },
        { choices: [piece('+ 2', null)] },
        { choices: [piece('', 'stop')], usage },
      ];
      const lines = chunks.map((chunk) => `data: ${JSON.stringify({ ...head, ...chunk })}\n\n`).join('');
      sendStream(response, `${lines}data: [DONE]\n\n`);
    });
    const variable = name.toUpperCase();
    await using own = await openGateway(
      name === 'local'
        ? { yaml: `providers: { local: { kind: openai-compatible, baseUrl: "${provider.url}" } }\n` }
        : { env: { [`${variable}_API_KEY`]: 'test-key', [`${variable}_BASE_URL`]: provider.url } },
    );
    const openai = new OpenAI({ baseURL: `${own.url}/v1`, apiKey: 'any', maxRetries: 0 });
    const asked = { model: `${name}/coder`, prompt: 'a = ', suffix: ';', max_tokens: 20, temperature: 0 };
    const whole = await openai.completions.create(asked);
    expect(whole).toMatchObject({ choices: [{ text: '40 + 2', finish_reason: 'stop' }], usage });
    let text = '';
    for await (const { choices } of await openai.completions.create({ ...asked, stream: true }))
      text += choices[0]?.text ?? '';
    expect(text).toBe('40 + 2');
    for (const request of provider.requests) {
      expect(request.path).toBe(path);
      expect(request.body).toMatchObject({ ...fields, model: 'coder', max_tokens: 20, temperature: 0 });
      expect(request.body).not.toHaveProperty('messages');
    }
  });

  it.each(['mistral/codestral-latest', 'qwen/qwen3-coder-flash', 'deepseek/deepseek-flash'])(
    'is answered by the sandbox of %s',
    async (model) => {
      const asked = { model, prompt: 'a = ', suffix: ';' };
      const { choices } = await client.completions.create(asked);
      expect(choices[0]?.text).toBe('/* filled in by the sandbox */');
      let text = '';
      for await (const chunk of await client.completions.create({ ...asked, stream: true }))
        text += chunk.choices[0]?.text ?? '';
      expect(text).toBe(choices[0]?.text);
    },
  );

  it('is refused by name where the provider has no such path, and goes to a fallback that has', async () => {
    const asked = { model: 'openai/gpt-4o-mini', prompt: 'a = ', suffix: ';' };
    await expect(client.completions.create(asked)).rejects.toMatchObject({ status: 400, param: 'suffix' });
    const { choices } = await client.completions.create({
      ...asked,
      fallbacks: ['mistral/codestral-latest'],
    } as typeof asked);
    expect(choices[0]?.text).toContain('filled in');
  });
});

it.each<[string, object]>([
  ['prompt', { prompt: [1, 2] }],
  ['prompt', { prompt: ['a', 'b'] }],
  ['suffix', { suffix: 7 }],
  ['echo', { echo: true }],
  ['logprobs', { logprobs: 2 }],
  ['best_of', { best_of: 3 }],
  ['temperature', { temperature: 9 }],
])('a wrong %s is told: %o', async (param, more) => {
  const asked = client.completions.create({ model: 'openai/gpt-4o-mini', prompt: 'x', ...more });
  await expect(asked).rejects.toMatchObject({ status: 400, param, code: 'invalid_request' });
});
