import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type { ChatCompletion, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** OpenAI's own SDK against the gateway. */

const hello = [{ role: 'user' as const, content: 'Hello' }];

let sandbox: RunningGateway;
let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    switch (body['model']) {
      case 'silent':
        return;
      case 'endless': {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const delta = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
        const talk = setInterval(() => response.write(delta), 5);
        response.once('close', () => clearInterval(talk));
        return;
      }
      case 'cut':
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: {"id":"x","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
        return;
      case 'impatient': {
        const isFirst = provider.requests.filter((request) => request.body['model'] === 'impatient').length === 1;
        if (!isFirst) return sendJson(response, 200, openAiAnswer('Now then'));
        return sendJson(response, 429, { error: { message: 'Slow down' } }, { 'retry-after-ms': '20' });
      }
      case 'refused':
        return sendJson(response, 401, { error: { message: 'Incorrect API key provided' } });
      case 'unknown':
        return sendJson(response, 404, { error: { message: 'No such model', code: 'model_not_found' } });
      case 'busy':
      case 'busy-again':
        return sendJson(response, 429, { error: { message: 'Slow down' } }, { 'retry-after': '7' });
      default:
        sendJson(response, 200, openAiAnswer('Hi'));
    }
  });
  sandbox = await openGateway({ yaml: quickSandbox });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const clientOf = ({ url }: RunningGateway, options: object = {}) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0, ...options });

describe('with the SDK of OpenAI', () => {
  it('a question is answered', async () => {
    const answer = await clientOf(sandbox).chat.completions.create({ model: 'openai/gpt-4o', messages: hello });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-4o',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', refusal: null } }],
      x_parley: { provider: 'openai', is_sandbox: true },
    });
    expect(answer.choices[0]?.message.content).toContain('You asked: “Hello”');
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
    expect(Math.abs(answer.created - Date.now() / 1000)).toBeLessThan(60);
  });

  it('the headers name the provider', async () => {
    const { response } = await clientOf(sandbox)
      .chat.completions.create({ model: 'anthropic/claude-sonnet-4-5', messages: hello, seed: 1, logit_bias: { 5: 1 } })
      .withResponse();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-parley-provider': 'anthropic',
      'x-parley-model': 'claude-sonnet-4-5',
      'x-parley-attempts': '1',
      'x-parley-sandbox': 'true',
      'x-parley-warnings': 'seed, logit_bias',
      'cache-control': 'no-store',
    });
  });

  it('a stream is read', async () => {
    const stream = await clientOf(sandbox).chat.completions.create({
      model: 'mistral/mistral-large-latest',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const heads = new Set<string>();
    const usages: unknown[] = [];
    for await (const { id, created, choices, usage } of stream) {
      heads.add(`${id} ${created}`);
      text += choices[0]?.delta.content ?? '';
      usages.push(usage);
    }
    expect(text).toContain('You asked: “Hello”');
    expect(heads.size).toBe(1);
    expect(usages.pop()).toMatchObject({ total_tokens: expect.any(Number) });
    expect(new Set(usages)).toEqual(new Set([null]));
  });

  it('a stream that is folded equals the whole answer', async () => {
    const client = clientOf(sandbox);
    const request = { model: 'anthropic/claude-sonnet-4-5', messages: hello, reasoning_effort: 'high' as const };
    const whole = await client.chat.completions.create(request);
    const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();
    expect(essence(streamed)).toEqual(essence(whole));
    expect(essence(whole).message).toHaveProperty('reasoning_content', expect.stringContaining('The prompt has'));
  });

  it('tools run until there is an answer', async () => {
    const asked: string[] = [];
    const weather = ({ city }: { city: string }) => {
      asked.push(city);
      return '21 degrees';
    };
    const tools = [
      {
        type: 'function' as const,
        function: {
          name: 'get_weather',
          description: 'The weather of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          parse: JSON.parse,
          function: weather,
        },
      },
    ];
    const messages = [{ role: 'user' as const, content: 'What is the weather in Paris?' }];
    const request = { model: 'google/gemini-2.5-flash', messages, tools };
    const client = clientOf(sandbox);
    expect(await client.chat.completions.runTools(request).finalContent()).toContain('21 degrees');
    expect(await client.chat.completions.runTools({ ...request, stream: true }).finalContent()).toContain('21 degrees');
    expect(asked).toEqual(['Paris', 'Paris']);
  });

  it('an answer follows a schema', async () => {
    const Person = z.object({ name: z.string(), age: z.int() });
    const { choices } = await clientOf(sandbox).chat.completions.parse({
      model: 'openai/gpt-4o',
      messages: [{ role: 'user', content: 'A person, please.' }],
      response_format: zodResponseFormat(Person, 'person'),
    });
    expect(choices[0]?.message.parsed).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });

  it('models are listed, and found by their id', async () => {
    const client = clientOf(sandbox);
    const models = await Array.fromAsync(client.models.list());
    expect(models.length).toBeGreaterThan(200);
    expect(new Set(models.map(({ object }) => object))).toEqual(new Set(['model']));
    const id = 'deepinfra/meta-llama/Llama-3.3-70B-Instruct';
    expect(await client.models.retrieve(id)).toEqual(models.find((model) => model.id === id));
    await expect(client.models.retrieve('openai/gpt-of-tomorrow')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

/** The content of an answer, without its time and id. */
function essence({ choices: [choice], usage, model }: ChatCompletion) {
  const { parsed: _, ...message } = (choice?.message ?? {}) as unknown as Record<string, unknown>;
  return { message, finishReason: choice?.finish_reason, usage, model };
}

describe('a client with the SDK of OpenAI that disconnects', () => {
  it('closes the connection to the provider, in the middle of a stream', async () => {
    const stream = await clientOf(gateway).chat.completions.create({
      model: 'local/endless',
      messages: hello,
      stream: true,
    });
    let seen = 0;
    for await (const _ of stream) if (++seen === 3) break;
    await provider.requests.at(-1)?.closed;
    expect(provider.requests.at(-1)?.body['model']).toBe('endless');
  });

  it.each([true, false])('closes it before there is any answer (stream: %s)', async (stream) => {
    const leaving = new AbortController();
    const asked = provider.requests.length;
    const asking = clientOf(gateway).chat.completions.create(
      { model: 'local/silent', messages: hello, stream },
      { signal: leaving.signal },
    );
    await provider.received(asked + 1);
    leaving.abort();
    await expect(asking).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await provider.requests[asked]?.closed;
  });
});

describe('a failure reaches the SDK of OpenAI', () => {
  const ask = (model: string, more: object = {}) =>
    clientOf(gateway)
      .chat.completions.create({ model, messages: hello as ChatCompletionMessageParam[], ...more })
      .then(
        () => Promise.reject(new Error('It was answered')),
        (thrown: unknown) => thrown,
      );

  it.each<[string, string, object, new (...args: never[]) => unknown, object]>([
    [
      'a wrong value',
      'local/x',
      { temperature: 9 },
      OpenAI.BadRequestError,
      { code: 'invalid_request', param: 'temperature' },
    ],
    [
      'a wrong image',
      'local/x',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'ftp://a.example' } }] }] },
      OpenAI.BadRequestError,
      { code: 'invalid_request', param: 'messages[0].content[0].image_url.url', type: 'invalid_request_error' },
    ],
    [
      'a call whose tool is no word',
      'local/x',
      { tools: [{ type: 'function', function: { name: 'two words' } }] },
      OpenAI.BadRequestError,
      { param: 'tools[0].function.name' },
    ],
    ['a limit of nothing', 'local/x', { max_tokens: 0 }, OpenAI.BadRequestError, { param: 'max_tokens' }],
    [
      'a newer limit of nothing',
      'local/x',
      { max_completion_tokens: 0 },
      OpenAI.BadRequestError,
      { param: 'max_completion_tokens' },
    ],
    ['an empty stop', 'local/x', { stop: '' }, OpenAI.BadRequestError, { param: 'stop' }],
    [
      'an unknown tool',
      'local/x',
      {
        tools: [{ type: 'function', function: { name: 'a' } }],
        tool_choice: { type: 'function', function: { name: 'b' } },
      },
      OpenAI.BadRequestError,
      { param: 'tool_choice.function.name' },
    ],
    ['an unknown model', 'local/unknown', {}, OpenAI.NotFoundError, { code: 'model_not_found' }],
    ['a provider without a key', 'openai/gpt-4o', {}, OpenAI.NotFoundError, { code: 'provider_not_configured' }],
    ['a busy provider', 'local/busy', {}, OpenAI.RateLimitError, { code: 'rate_limit_exceeded' }],
    [
      'a refused key of the gateway',
      'local/refused',
      {},
      OpenAI.InternalServerError,
      { status: 502, code: 'upstream_authentication' },
    ],
  ])('as what it is: %s', async (_what, model, more, errorClass, told) => {
    const error = await ask(model, more);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject(told);
    expect(await ask(model, { ...more, stream: true })).toMatchObject(told);
  });

  it('has the type of a wrong key, where callers have keys', async () => {
    const key = callerKey('app', 'models: [local/*]');
    await using closed = await openGateway({ yaml: localProvider(provider.url) + callersYaml(key) });
    const asking = (apiKey: string, model: string) =>
      clientOf(closed, { apiKey }).chat.completions.create({ model, messages: hello });
    await expect(asking('parley_wrong', 'local/x')).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(asking(key.key, 'openai/gpt-4o')).rejects.toMatchObject({
      constructor: OpenAI.PermissionDeniedError,
      code: 'model_not_allowed',
    });
    expect((await asking(key.key, 'local/x')).choices[0]?.message.content).toBe('Hi');
    const listed = await Array.fromAsync(clientOf(closed, { apiKey: key.key }).models.list());
    expect(listed.map(({ id }) => id)).toEqual([]);
  });

  it('with the time to wait, as a header', async () => {
    const error = await ask('local/busy-again');
    if (!(error instanceof OpenAI.APIError)) throw error;
    expect([error.headers?.get('retry-after'), error.headers?.get('retry-after-ms')]).toEqual(['7', '7000']);
    expect(error.error).toMatchObject({ x_parley: { retryable: true, retry_after_ms: 7000, provider: 'local' } });
  });

  it('in the middle of a stream, as an error and not as an end', async () => {
    const stream = await clientOf(gateway).chat.completions.create({
      model: 'local/cut',
      messages: hello,
      stream: true,
    });
    const finishes: unknown[] = [];
    const reading = (async () => {
      for await (const { choices } of stream) finishes.push(choices[0]?.finish_reason);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_truncated', type: 'server_error' });
    expect(new Set(finishes)).toEqual(new Set([null]));
  });

  it('is retried where that helps, after the given time', async () => {
    const { choices } = await clientOf(gateway, { maxRetries: 2 }).chat.completions.create({
      model: 'local/impatient',
      messages: hello,
    });
    expect(choices[0]?.message.content).toBe('Now then');
  });

  it('is not retried where it does not help', async () => {
    const asked = provider.requests.length;
    const asking = clientOf(gateway, { maxRetries: 2 }).chat.completions.create({
      model: 'local/refused',
      messages: hello,
    });
    await expect(asking).rejects.toMatchObject({ status: 502 });
    expect(provider.requests.length - asked).toBe(1);
  });
});
