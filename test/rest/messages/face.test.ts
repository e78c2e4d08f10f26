import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../../support/gateway.ts';
import { sendJson, startProvider } from '../../support/provider-server.ts';

/** Anthropic's paths over a real socket, by Anthropic's own SDK. */

const web = callerKey('web');
const poor = callerKey('poor', 'limits: { requestsPerMinute: 1 }');
let gateway: RunningGateway;
let client: Anthropic;
beforeAll(async () => {
  gateway = await openGateway({ yaml: `${quickSandbox}${callersYaml(web, poor)}` });
  client = new Anthropic({ baseURL: gateway.url, apiKey: web.key, maxRetries: 0 });
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Params = Anthropic.MessageCreateParamsNonStreaming;
const hello: Params = {
  model: 'anthropic/claude-sonnet-4-5',
  max_tokens: 500,
  messages: [{ role: 'user', content: 'Hello' }],
};
const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail('No failure'),
    (thrown) => thrown,
  );

describe.each([
  'anthropic/claude-sonnet-4-5',
  'openai/gpt-5-mini',
  'google/gemini-2.5-flash',
  'mistral/mistral-small-latest',
])('a model of any provider: %s', (model) => {
  it('answers whole and streamed', async () => {
    const { data, response, request_id: id } = await client.messages.create({ ...hello, model }).withResponse();
    expect(data).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    // The AI SDK refuses null there.
    expect(data.content).not.toContainEqual(expect.objectContaining({ citations: null }));
    expect(id).toBe(response.headers.get('x-request-id'));
    expect(response.headers.get('x-parley-provider')).toBe(model.split('/')[0]);
    const streamed = await client.messages.stream({ ...hello, model }).finalMessage();
    const textOf = ({ content }: Anthropic.Message) =>
      content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
    expect(textOf(streamed)).toBe(textOf(data));
    expect(streamed.usage.output_tokens).toBe(data.usage.output_tokens);
    expect(data.usage.input_tokens).toBeGreaterThan(0);
  });
});

it('thinking of Claude is signed, whole and streamed', async () => {
  const params = { ...hello, max_tokens: 3_000, thinking: { type: 'enabled' as const, budget_tokens: 1_500 } };
  const [whole, streamed] = [await client.messages.create(params), await client.messages.stream(params).finalMessage()];
  for (const { content } of [whole, streamed]) {
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    expect(content[0]).toMatchObject({ thinking: expect.stringMatching(/./), signature: expect.stringMatching(/./) });
  }
  expect(streamed.content[0]).toEqual(whole.content[0]);
});

describe('what a request may hold', () => {
  it.each<[string, object]>([
    [
      'a system prompt in blocks, cached',
      { system: [{ type: 'text', text: 'Brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    ],
    [
      'an image and a document',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
              {
                type: 'document',
                source: { type: 'text', media_type: 'text/plain', data: 'A text' },
                title: 'notes.txt',
              },
              { type: 'text', text: 'What is it?', cache_control: { type: 'ephemeral' } },
            ],
          },
        ],
      },
    ],
    [
      'a failed tool with an image in its result',
      {
        tools: [{ name: 'shoot', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
        messages: [
          { role: 'user', content: 'Shoot' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'shoot', input: {} }] },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 't1',
                is_error: true,
                content: [
                  { type: 'text', text: 'Blurred' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
                ],
              },
              { type: 'text', text: 'Again?' },
            ],
          },
        ],
      },
    ],
    [
      'a choice of tools, stop sequences and a user',
      {
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
        stop_sequences: ['END'],
        metadata: { user_id: 'u1' },
        top_k: 5,
      },
    ],
    ['web search', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }] }],
  ])('%s', async (_what, more) => {
    const answer = await client.messages.create({ ...hello, ...more } as Params);
    expect(answer.type).toBe('message');
    expect((answer as { x_parley?: { warnings: unknown[] } }).x_parley?.warnings).toEqual([]);
  });

  it('more than ChatInput has: it goes on to Anthropic, and is named elsewhere', async () => {
    const more = { context_management: { edits: [] }, tools: [{ type: 'memory_20250818', name: 'memory' }] };
    const onAnthropic = await client.messages.create({ ...hello, ...more } as Params);
    expect((onAnthropic as { x_parley?: { warnings: unknown[] } }).x_parley?.warnings).toEqual([]);
    const { context_management } = more;
    const elsewhere = { ...hello, context_management, container: 'c', model: 'openai/gpt-4o' } as Params;
    expect(await client.messages.create(elsewhere)).toMatchObject({
      x_parley: { warnings: [{ option: 'context_management' }, { option: 'container' }] },
    });
    const failure = await failureOf(client.messages.create({ ...hello, ...more, model: 'openai/gpt-4o' } as Params));
    expect(failure).toMatchObject({ status: 400, message: expect.stringContaining('memory_20250818') });
  });

  it('a thread of the vendor is refused in the words at which its SDK sends the whole conversation', async () => {
    const thread = { type: 'continue', previous_message_id: 'msg_of_another_caller' };
    const failure = await failureOf(client.messages.create({ ...hello, thread } as unknown as Params));
    expect(failure).toMatchObject({
      status: 400,
      error: { error: { details: { error_code: 'thread_unsupported_request' } } },
    });
    const own = { ...hello, provider_options: { anthropic: { thread } } };
    expect(await failureOf(client.messages.create(own as Params))).toMatchObject({ status: 400 });
  });

  it('goes on by an alias too, with the names of beta features', async () => {
    const answer = { ...{ id: 'm', type: 'message', role: 'assistant', model: 'x', stop_reason: 'end_turn' } };
    const whole = { ...answer, content: [{ type: 'text', text: 'Hi' }], usage: { input_tokens: 1, output_tokens: 1 } };
    await using provider = await startProvider((_, response) => sendJson(response, 200, whole));
    await using real = await openGateway({
      yaml: 'models: { aliases: { "claude-*": "anthropic/*" } }\n',
      env: { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: provider.url },
    });
    const claude = new Anthropic({ baseURL: real.url, apiKey: 'any', maxRetries: 0 });
    const tool = { type: 'memory_20250818', name: 'memory' };
    const params = {
      ...hello,
      model: 'claude-sonnet-4-5',
      context_management: { edits: [] },
      container: 'c',
      tools: [tool],
    };
    const headers = { 'anthropic-beta': 'context-management-2025-06-27, not a name,x-1' };
    expect(await claude.messages.create(params as unknown as Params, { headers })).toMatchObject({
      x_parley: { warnings: [{ option: 'container' }] },
    });
    const [sent] = provider.requests;
    expect(sent?.headers['anthropic-beta']).toBe('context-management-2025-06-27,x-1');
    expect(sent?.body).toMatchObject({ context_management: { edits: [] }, tools: [tool] });
    expect(sent?.body).not.toHaveProperty('container');
  });
});

describe('a wrong request', () => {
  it.each<[string, object]>([
    [
      'messages[0].content[1].source.type',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'x' },
              { type: 'image', source: { type: 'file', file_id: 'f' } },
            ],
          },
        ],
      },
    ],
    ...['image', 'document'].map((type): [string, object] => [
      `messages[0].content[0].source.data`,
      {
        messages: [
          {
            role: 'user',
            content: [{ type, source: { type: type === 'image' ? 'base64' : 'text', media_type: 'image/png' } }],
          },
        ],
      },
    ]),
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages', { messages: 'x' }],
    [
      'messages[2].content[0].tool_use_id',
      {
        system: 'S',
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'y' },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'no', content: 'x' }] },
        ],
      },
    ],
    ['temperature', { temperature: 7 }],
    ['max_tokens', { max_tokens: 0 }],
    ['stop_sequences[0]', { stop_sequences: [''] }],
    ['tool_choice.name', { tools: [{ name: 'f', input_schema: {} }], tool_choice: { type: 'tool', name: 'g' } }],
    ['tools[0].name', { tools: [{ name: 'a b', input_schema: {} }] }],
    ['stream', { stream: 'yes' }],
  ])('is told with its place in Anthropic’s names: %s', async (param, more) => {
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': web.key, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...hello, ...more }),
    });
    const body = (await response.json()) as Anthropic.ErrorResponse;
    expect([response.status, body]).toMatchObject([
      400,
      { type: 'error', error: { type: 'invalid_request_error', x_parley: { issues: [{ param }] } } },
    ]);
    expect(body.error.message).toMatch(new RegExp(`^${param.replace(/[[\]]/g, '\\$&')}: `));
  });

  it.each([
    ['AuthenticationError', 401, 'authentication_error', { apiKey: 'wrong' }, {}],
    ['NotFoundError', 404, 'not_found_error', {}, { model: 'nobody/x' }],
  ])('throws %s', async (name, status, type, options, more) => {
    const failure = await failureOf(client.withOptions(options).messages.create({ ...hello, ...more }));
    expect(failure).toBeInstanceOf(Anthropic[name as 'NotFoundError']);
    expect(failure).toMatchObject({ status, error: { type: 'error', error: { type } } });
  });

  it('of a caller beyond its limit throws RateLimitError, with when to retry', async () => {
    const limited = client.withOptions({ apiKey: poor.key });
    await limited.messages.create(hello);
    const failure = await failureOf(limited.messages.create(hello));
    expect(failure).toBeInstanceOf(Anthropic.RateLimitError);
    expect(
      Number((failure as InstanceType<typeof Anthropic.RateLimitError>).headers.get('retry-after')),
    ).toBeGreaterThan(0);
  });

  it.each([
    ['GET', '/v1/messages', 405],
    ['POST', '/v1/messages/batches', 404],
  ])('by %s %s is a %i in the same form', async (method, path, status) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': web.key },
      ...(method === 'POST' && { body: '{}' }),
    });
    expect([response.status, await response.json()]).toMatchObject([status, { type: 'error', error: {} }]);
  });

  it('that is no JSON object is a 400', async () => {
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': web.key },
      body: '[1]',
    });
    expect([response.status, await response.json()]).toMatchObject([400, { type: 'error' }]);
  });
});

describe('count_tokens', () => {
  it('is an estimate that says so, and grows with the text', async () => {
    const count = (content: string) =>
      client.messages.countTokens({ model: hello.model, messages: [{ role: 'user', content }] });
    const [short, long] = [await count('Hello'), await count('Hello '.repeat(100))];
    expect(short).toMatchObject({ input_tokens: expect.any(Number), x_parley: { is_estimate: true } });
    expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 100);
  });

  it('is Anthropic’s own for its models, and an estimate where that fails', async () => {
    let status = 200;
    await using provider = await startProvider((_, response) =>
      sendJson(
        response,
        status,
        status === 200 ? { input_tokens: 1_234 } : { type: 'error', error: { message: 'no' } },
      ),
    );
    await using real = await openGateway({
      yaml: `models: { aliases: { "claude-*": "anthropic/*" } }\nretries: { max: 0 }\n${callersYaml(web, poor)}`,
      env: { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: provider.url },
    });
    const claude = new Anthropic({ baseURL: real.url, apiKey: web.key, maxRetries: 0 });
    const tools = [{ name: 'f', input_schema: { type: 'object' as const } }];
    const asked = { model: 'claude-sonnet-4-5', system: 'S', tools, messages: hello.messages };
    const counted = await claude.messages.countTokens(asked, { headers: { 'anthropic-beta': 'x-1' } });
    expect(counted).toEqual({ input_tokens: 1_234, x_parley: { is_estimate: false } });
    const [sent] = provider.requests;
    expect(sent).toMatchObject({ path: '/v1/messages/count_tokens', headers: { 'anthropic-beta': 'x-1' } });
    expect(Object.keys(sent?.body ?? {}).sort()).toEqual(['messages', 'model', 'system', 'tools']);
    const told = () => real.calls.find(({ message }) => message.startsWith('count tokens anthropic/'));
    await expect.poll(() => told()?.fields).toMatchObject({ code: 'OK', caller: 'web' });
    status = 500;
    expect(await claude.messages.countTokens(asked)).toMatchObject({ x_parley: { is_estimate: true } });
    // Counts are requests of their caller.
    const limited = new Anthropic({ baseURL: real.url, apiKey: poor.key, maxRetries: 0 });
    await limited.messages.countTokens(asked);
    expect(await failureOf(limited.messages.countTokens(asked))).toBeInstanceOf(Anthropic.RateLimitError);
  });

  it('refuses what /v1/messages refuses', async () => {
    expect(await failureOf(client.messages.countTokens({ model: hello.model, messages: [] }))).toMatchObject({
      status: 400,
    });
  });
});
