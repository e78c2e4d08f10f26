import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openGateway, quickSandbox, type RunningGateway } from '../../support/gateway.ts';

/** OpenAI's Responses API over a real socket, by OpenAI's own SDK. */

let gateway: RunningGateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
const hello = { model: 'openai/gpt-5-mini', input: 'Hello' };
const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail('No failure'),
    (thrown) => thrown,
  );
const warningsOf = (answer: object) => (answer as { x_parley?: { warnings: { option: string }[] } }).x_parley?.warnings;

describe.each([
  'anthropic/claude-sonnet-4-5',
  'openai/gpt-5-mini',
  'google/gemini-2.5-flash',
  'mistral/mistral-small-latest',
])('a model of any provider: %s', (model) => {
  it('answers whole and streamed', async () => {
    const { data, response } = await client.responses.create({ ...hello, model }).withResponse();
    expect(data).toMatchObject({ object: 'response', status: 'completed', store: false, error: null });
    expect(response.headers.get('x-parley-provider')).toBe(model.split('/')[0]);
    expect(data.output_text).toContain('Hello');
    const streamed = await client.responses.stream({ ...hello, model }).finalResponse();
    expect(streamed.output_text).toBe(data.output_text);
    expect(streamed.usage).toMatchObject({ output_tokens: data.usage?.output_tokens });
  });

  it('follows a schema', async () => {
    const format = zodTextFormat(z.object({ city: z.string(), days: z.number() }), 'weather');
    const { output_parsed: parsed } = await client.responses.parse({ ...hello, model, text: { format } });
    expect(parsed).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
  });
});

describe('what a request may hold', () => {
  it.each<[string, object]>([
    [
      'instructions, and messages of all roles with all parts',
      {
        model: 'openai/gpt-4o',
        instructions: 'Be brief.',
        input: [
          { role: 'developer', content: 'In English.' },
          { role: 'user', content: 'Hello' },
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] },
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'What is it?' },
              { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' },
              { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
            ],
          },
        ],
      },
    ],
    [
      'options',
      {
        ...{ max_output_tokens: 100, metadata: { a: 'b' }, parallel_tool_calls: false, reasoning: { effort: 'low' } },
        ...{ text: { verbosity: 'low' }, store: false, include: ['reasoning.encrypted_content'], user: 'u1' },
        ...{ prompt_cache_key: 'k', truncation: 'disabled', tool_choice: 'auto' },
        tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false }],
      },
    ],
    ['web search', { tools: [{ type: 'web_search', user_location: { type: 'approximate', country: 'NO' } }] }],
  ])('%s', async (_what, more) => {
    const answer = await client.responses.create({ ...hello, ...more } as Params);
    expect(answer.status).toBe('completed');
    expect(warningsOf(answer)).toEqual([]);
  });

  it('what has no effect is named', async () => {
    const answer = await client.responses.create({ ...hello, store: true, truncation: 'auto', max_tool_calls: 3 });
    expect(warningsOf(answer)?.map(({ option }) => option)).toEqual(['store', 'truncation', 'max_tool_calls']);
  });
});

it('a schema beside "json_object" is followed, as on Chat Completions', async () => {
  const schema = { type: 'object', properties: { age: { type: 'number' } }, required: ['age'] };
  const asked = { model: 'openai/gpt-5-mini', input: 'Hello', text: { format: { type: 'json_object', schema } } };
  const { output_text: text } = await client.responses.create(
    asked as OpenAI.Responses.ResponseCreateParamsNonStreaming,
  );
  expect(JSON.parse(text)).toEqual({ age: expect.any(Number) });
});

describe('a wrong request', () => {
  it.each<[string, object]>([
    ['input', { input: 5 }],
    ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input[0]', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    [
      'input[1].call_id',
      {
        input: [
          { role: 'user', content: 'x' },
          { type: 'function_call_output', call_id: 'no', output: 'x' },
        ],
      },
    ],
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['tools[0].type', { tools: [{ type: 'file_search', vector_store_ids: [] }] }],
    ['tools[0].name', { tools: [{ type: 'function', name: 'a b' }] }],
    ['tool_choice.name', { tools: [{ type: 'function', name: 'a' }], tool_choice: { type: 'function', name: 'b' } }],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['text.format.type', { text: { format: { type: 'yaml' } } }],
    ['reasoning.effort', { reasoning: { effort: 'huge' } }],
    ['instructions', { instructions: { text: 'x' } }],
    ['stream', { stream: 'yes' }],
  ])('is told with its place: %s', async (param, more) => {
    const failure = await failureOf(client.responses.create({ ...hello, ...more } as Params));
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
    expect(failure).toMatchObject({ status: 400, code: 'invalid_request', param });
  });

  it.each([
    ['GET', '/v1/responses/resp_1', 404],
    ['DELETE', '/v1/responses/resp_1', 404],
    ['GET', '/v1/responses', 405],
  ])('by %s %s is a %i', async (method, path, status) => {
    expect((await fetch(`${gateway.url}${path}`, { method })).status).toBe(status);
  });

  it('that no provider answers is a failure before the stream', async () => {
    const failure = await failureOf(client.responses.create({ model: 'nobody/x', input: 'x', stream: true }));
    expect(failure).toMatchObject({ status: 404, code: 'unknown_provider' });
  });
});
