import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { complete, completeStream, withoutTimes } from '../support/rest-client.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const secret = 'my secret prompt';
const user = { role: 'user', content: secret };
const request = { model: 'openai/gpt-4o', messages: [user] };
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };

describe('a wrong value', () => {
  it.each<[string, object]>([
    ['messages', { messages: secret }],
    ['messages[0]', { messages: [secret] }],
    ['messages[0].role', { messages: [{ ...user, role: secret }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: { text: secret } }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: null }] }],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: [secret] }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: secret }] }] }],
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text', text: [secret] }] }] }],
    [
      'messages[0].content[0].image_url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: secret }] }] },
    ],
    [
      'messages[0].content[0].image_url.detail',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example', detail: secret } }] },
        ],
      },
    ],
    ['messages[1].tool_calls', { messages: [user, { role: 'assistant', content: '', tool_calls: secret }] }],
    [
      'messages[1].tool_calls[0].function.arguments',
      { messages: [user, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] }] },
    ],
    ['messages[1].tool_call_id', { messages: [user, { role: 'tool', content: secret }] }],
    ['messages[1].tool_call_id', { messages: [user, { role: 'tool', content: 'x', tool_call_id: secret }] }],
    ['messages[0].tool_calls', { messages: [{ ...user, tool_calls: [call] }] }],
    ['temperature', { temperature: secret }],
    ['top_p', { top_p: 2 }],
    ['frequency_penalty', { frequency_penalty: secret }],
    ['presence_penalty', { presence_penalty: -3 }],
    ['seed', { seed: 0.5 }],
    ['stop', { stop: { text: secret } }],
    ['stop[1]', { stop: ['END', 5] }],
    ['max_tokens', { max_tokens: secret }],
    ['max_completion_tokens', { max_completion_tokens: secret, max_tokens: 5 }],
    ['reasoning_effort', { reasoning_effort: secret }],
    ['tools', { tools: secret }],
    ['tools[0]', { tools: [{ type: 'function' }] }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: secret } }] }],
    ['tool_choice', { tool_choice: secret }],
    ['tool_choice', { tool_choice: 'required' }],
    ['parallel_tool_calls', { parallel_tool_calls: secret }],
    ['response_format', { response_format: secret }],
    [
      'response_format.json_schema.schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: secret } } },
    ],
    ['response_format.json_schema.name', { response_format: { type: 'json_schema' } }],
    ['user', { user: { name: secret } }],
    ['system_message', { system_message: { text: secret } }],
    ['fallbacks', { fallbacks: secret }],
    ['request_id', { request_id: [secret] }],
    ['model', { model: [secret] }],
    ['model', { model: 'gpt-4o' }],
    ['provider', { provider: [secret] }],
  ])('is told with its place and without what it is: %s', async (param, fields) => {
    const { status, body } = await complete(gateway.url, { ...request, ...fields });
    expect([status, body]).toMatchObject([
      400,
      { error: { code: 'invalid_request', param, x_parley: { code: 'INVALID_REQUEST' } } },
    ]);
    expect(JSON.stringify(body)).not.toContain(secret);
    // The message begins with the path, in the same spelling.
    expect((body['error'] as { message: string }).message.startsWith(`${param}: `)).toBe(true);
    const streamed = await completeStream(gateway.url, { ...request, ...fields });
    expect([streamed.status, streamed.chunks.map(withoutTimes)]).toEqual([400, [withoutTimes(body)]]);
  });

  it('that only this provider refuses is reported with the same path', async () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const { status, headers, body } = await complete(gateway.url, {
      ...request,
      model: 'perplexity/sonar',
      tools,
      tool_choice: 'required',
    });
    expect([status, headers.get('x-should-retry')]).toEqual([400, 'false']);
    expect(body).toMatchObject({ error: { code: 'unsupported_option', param: 'tools' } });
  });

  it("that is dropped is reported under OpenAI's name", async () => {
    const { body } = await complete(gateway.url, {
      ...request,
      model: 'anthropic/claude-sonnet-4-5',
      max_completion_tokens: 500,
      reasoning_effort: 'high',
      frequency_penalty: 0.5,
      seed: 1,
    });
    const { warnings } = body['x_parley'] as { warnings: { option: string; message: string }[] };
    expect(warnings.map(({ option }) => option).sort()).toEqual(['frequency_penalty', 'reasoning_effort', 'seed']);
    expect(JSON.stringify(warnings)).toContain('max_completion_tokens');
    expect(JSON.stringify(warnings)).not.toMatch(/maxTokens|frequencyPenalty|reasoningEffort/);
  });
});

it('cannot change a prototype', async () => {
  const body = `{"model":"openai/gpt-4o","__proto__":{"n":5},"messages":[{"role":"user","content":"Hi","__proto__":{"role":"tool"}}],"constructor":{"prototype":{"n":2}}}`;
  expect((await complete(gateway.url, body)).status).toBe(200);
  expect(({} as { n?: unknown }).n).toBeUndefined();
});

it('cannot add a header', async () => {
  const { status, headers, body } = await complete(gateway.url, { ...request, 'x\r\nset-cookie: a=b, “y”': 1 });
  expect(status).toBe(200);
  expect(headers.get('set-cookie')).toBeNull();
  expect(headers.get('x-parley-warnings')).toMatch(/^[\x21-\x7e ]+$/);
  expect(body).toMatchObject({ x_parley: { warnings: [{ option: 'x\r\nset-cookie: a=b, “y”' }] } });
});
