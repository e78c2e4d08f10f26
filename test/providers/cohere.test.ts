import { describe, expect, it } from 'vitest';
import type { UpstreamFailure } from '../../src/core/adapter.ts';
import { cohere as provider } from '../../src/providers/cohere/adapter.ts';
import { answerOf, eventsOf } from '../support/replay.ts';
import { request, target } from '../support/requests.ts';

/** Peculiarities of Cohere. The laws of all codecs are in conformance.test.ts. */

const command = target('cohere/command-a-03-2025');
const cohere = provider.codecFor(command);
const reasoner = target('cohere/command-a-reasoning-08-2025');
const unknown = target('cohere/command-z');
const weather = { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const time = { name: 'get_time', description: 'The time now' };

function encode(fields: Record<string, unknown>, to = command) {
  return provider.codecFor(to).encode(request(fields), 'whole');
}

describe('encoding for cohere', () => {
  it('writes every sampling hint under its own name', () => {
    const hints = { temperature: 1, topP: 0.9, maxTokens: 99, seed: 7, stop: ['a', 'b'], frequencyPenalty: 0.5 };
    const { path, body, warnings } = encode(hints);
    expect(path).toBe('/chat');
    expect(body).toEqual({
      model: 'command-a-03-2025',
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 1,
      p: 0.9,
      max_tokens: 99,
      seed: 7,
      stop_sequences: ['a', 'b'],
      frequency_penalty: 0.5,
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['temperature', 1.1],
    ['topP', 1],
    ['topP', 0],
    ['frequencyPenalty', -0.1],
    ['presencePenalty', 1.5],
    ['seed', -1],
    ['stop', ['1', '2', '3', '4', '5', '6']],
    ['user', 'someone'],
  ])('leaves out %s: %j with a warning, and clamps nothing', (option, value) => {
    const { body, warnings } = encode({ [option]: value });
    expect(Object.keys(body)).toEqual(['model', 'messages']);
    expect(warnings).toEqual([{ option, message: expect.stringContaining('left out') }]);
  });

  it('warns that parallel calls cannot be turned off', () => {
    const { warnings } = encode({ tools: [weather], parallelToolCalls: false });
    expect(warnings).toEqual([{ option: 'parallelToolCalls', message: expect.any(String) }]);
  });

  it('sends one of the two penalties, since the wire refuses both, and drops a zero without a warning', () => {
    const both = encode({ frequencyPenalty: 0.5, presencePenalty: 0.4 });
    expect(both.body).toMatchObject({ frequency_penalty: 0.5 });
    expect(both.body).not.toHaveProperty('presence_penalty');
    expect(both.warnings).toEqual([{ option: 'presencePenalty', message: expect.stringContaining('left out') }]);
    const one = encode({ frequencyPenalty: 0, presencePenalty: 0.4 });
    expect(one.body).toMatchObject({ presence_penalty: 0.4 });
    expect(one.body).not.toHaveProperty('frequency_penalty');
    expect(one.warnings).toEqual([]);
  });

  it('writes images as parts, for models that see', () => {
    const url = 'data:image/png;base64,AAAA';
    const messages = [{ role: 'user', parts: [{ text: 'What is it?' }, { image: { url, detail: 'low' } }] }];
    expect(encode({ messages }, target('cohere/command-a-vision-07-2025')).body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url, detail: 'low' } },
        ],
      },
    ]);
    expect(() => encode({ messages })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_OPTION' }));
  });

  it('requests a stream only on demand', () => {
    expect(cohere.encode(request(), 'stream').body).toHaveProperty('stream', true);
    expect(encode({}).body).not.toHaveProperty('stream');
  });
});

describe('tools of cohere', () => {
  it('always have parameters, and are strict all together', () => {
    const { body } = encode({ tools: [{ ...weather, strict: true }, time] });
    expect(body).toMatchObject({
      tools: [
        { type: 'function', function: weather },
        { type: 'function', function: { ...time, parameters: { type: 'object', properties: {} } } },
      ],
      strict_tools: true,
    });
    expect(encode({ tools: [weather, time] }).body).not.toHaveProperty('strict_tools');
  });

  it.each([
    ['auto', { mode: 'auto' }, undefined, ['get_weather', 'get_time']],
    ['required', { mode: 'required' }, 'REQUIRED', ['get_weather', 'get_time']],
    ['none', { mode: 'none' }, 'NONE', ['get_weather', 'get_time']],
    ['one tool', { tool: 'get_time' }, 'REQUIRED', ['get_time']],
  ])('are held to the choice of %s', (_name, toolChoice, word, names) => {
    const { body, warnings } = encode({ tools: [weather, time], toolChoice });
    expect(body['tool_choice']).toBe(word);
    expect(body['tools']).toMatchObject(names.map((name) => ({ function: { name } })));
    expect(warnings).toEqual([]);
  });

  it('are refused with a choice for models without tool choice', () => {
    const old = target('cohere/command-r-plus-08-2024');
    expect(encode({ tools: [weather] }, old).body).toHaveProperty('tools');
    expect(() => encode({ tools: [weather], toolChoice: { mode: 'required' } }, old)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_OPTION',
        issues: [expect.objectContaining({ path: 'toolChoice' })],
      }),
    );
    const newer = target('cohere/command-r7b-12-2024');
    expect(encode({ tools: [weather], toolChoice: { mode: 'none' } }, newer).body).toHaveProperty('tool_choice');
  });

  it('work over two turns, with the plan and the reasoning of the first sent back', () => {
    const answer = cohere.decode({
      id: 'c-1',
      message: {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'Rome, then.' }],
        tool_plan: 'I will look.',
        tool_calls: [{ id: 'w_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } }],
      },
      finish_reason: 'TOOL_CALL',
    });
    const { toolCalls, text, providerState } = answer;
    const messages = [
      { role: 'user', content: 'Weather in Rome?' },
      { role: 'assistant', content: text, toolCalls, providerState },
      { role: 'tool', content: '{"sky":"sunny"}', toolCallId: 'w_1' },
    ];
    expect(encode({ systemMessage: 'Be brief.', messages, tools: [weather] }, reasoner).body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather in Rome?' },
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'Rome, then.' }],
        tool_plan: 'I will look.',
        tool_calls: [{ id: 'w_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } }],
      },
      { role: 'tool', tool_call_id: 'w_1', content: '{"sky":"sunny"}' },
    ]);
    const [, toThoughtless] = encode({ messages, tools: [weather] }).body['messages'] as unknown[];
    expect(toThoughtless).not.toHaveProperty('content');
  });

  it('use the text beside earlier calls as their plan', () => {
    const toolCalls = [{ id: 'w_1', name: 'get_weather', arguments: '' }];
    const messages = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: 'Let me see.', toolCalls, providerState: 'from elsewhere' },
      { role: 'tool', content: 'sunny', toolCallId: 'w_1' },
      { role: 'assistant', content: 'Sunny.' },
      { role: 'user', content: 'Thanks' },
    ];
    const [, calling, , telling] = encode({ messages }).body['messages'] as unknown[];
    expect(calling).toEqual({
      role: 'assistant',
      tool_plan: 'Let me see.',
      tool_calls: [{ id: 'w_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
    });
    expect(telling).toEqual({ role: 'assistant', content: 'Sunny.' });
  });
});

describe('the response format of cohere', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const jsonSchema = { jsonSchema: { name: 'thing', schema } };
  const instruction = expect.stringMatching(/^Be brief\.\n\nAnswer with one JSON object and nothing else\.$/);

  it('carries a schema inside json_object', () => {
    const { body, warnings } = encode({ responseFormat: jsonSchema });
    expect(body['response_format']).toEqual({ type: 'json_object', json_schema: schema });
    expect(warnings).toEqual([]);
  });

  it('is plain JSON mode when a message mentions JSON', () => {
    const messages = [{ role: 'user', content: 'Give me JSON' }];
    const { body, warnings } = encode({ messages, responseFormat: { jsonObject: true } });
    expect(body).toMatchObject({ messages, response_format: { type: 'json_object' } });
    expect(warnings).toEqual([]);
  });

  it('comes with a sentence that mentions JSON when no message does, in the system message', () => {
    const { body, warnings } = encode({ systemMessage: 'Be brief.', responseFormat: { jsonObject: true } });
    expect(body).toMatchObject({
      messages: [
        { role: 'system', content: instruction },
        { role: 'user', content: 'Hello' },
      ],
      response_format: { type: 'json_object' },
    });
    expect(warnings).toEqual([{ option: 'responseFormat', message: expect.any(String) }]);
  });

  it.each([
    ['together with tools', { tools: [weather] }, command],
    ['for a model without JSON mode', {}, target('cohere/command-a-03-2025', { structuredOutput: 'none' })],
  ])('is asked for in the prompt %s', (_when, fields, to) => {
    const { body, warnings } = encode({ ...fields, responseFormat: jsonSchema }, to);
    expect(body).not.toHaveProperty('response_format');
    expect(body['messages']).toMatchObject([{ content: expect.stringContaining(JSON.stringify(schema)) }, {}]);
    expect(warnings).toEqual([{ option: 'responseFormat', message: expect.stringContaining('prompt') }]);
  });

  it('is JSON mode and a schema in the prompt for a model without schemas', () => {
    const { body, warnings } = encode(
      { responseFormat: jsonSchema },
      target('cohere/command-z', { structuredOutput: 'json_object' }),
    );
    expect(body['response_format']).toEqual({ type: 'json_object' });
    expect(body['messages']).toMatchObject([{ content: expect.stringContaining(JSON.stringify(schema)) }, {}]);
    expect(warnings).toHaveLength(1);
  });
});

describe('the reasoning of cohere', () => {
  it.each([
    ['MINIMAL', { reasoningEffort: 'minimal' }, { type: 'enabled', token_budget: 1024 }],
    ['LOW', { reasoningEffort: 'low' }, { type: 'enabled', token_budget: 3277 }],
    ['HIGH', { reasoningEffort: 'high' }, { type: 'enabled', token_budget: 19661 }],
    ['XHIGH', { reasoningEffort: 'xhigh' }, { type: 'enabled', token_budget: 29491 }],
    ['HIGH below maxTokens', { reasoningEffort: 'high', maxTokens: 4000 }, { type: 'enabled', token_budget: 2400 }],
    ['NONE', { reasoningEffort: 'none' }, { type: 'disabled' }],
    ['AUTO', { reasoningEffort: 'auto' }, undefined],
  ])('is %s as a budget of tokens', (_name, fields, thinking) => {
    for (const to of [reasoner, unknown]) {
      const { body, warnings } = encode(fields, to);
      expect(body['thinking']).toEqual(thinking);
      expect(warnings).toEqual([]);
    }
  });

  it('is left out with a warning where a model does not reason, and needs no turning off there', () => {
    const { body, warnings } = encode({ reasoningEffort: 'low' });
    expect(body).not.toHaveProperty('thinking');
    expect(warnings).toEqual([{ option: 'reasoningEffort', message: expect.any(String) }]);
    const off = encode({ reasoningEffort: 'none' });
    expect(off.body).not.toHaveProperty('thinking');
    expect(off.warnings).toEqual([]);
  });

  it('is left out with a warning where maxTokens is too small', () => {
    const { body, warnings } = encode({ reasoningEffort: 'low', maxTokens: 1 }, reasoner);
    expect(body).not.toHaveProperty('thinking');
    expect(warnings).toEqual([{ option: 'reasoningEffort', message: expect.any(String) }]);
  });
});

/** A stream with these events between its start and the end of the test's choice. */
function stream(...events: readonly Record<string, unknown>[]): Buffer {
  const start = { type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant', content: [] } } };
  return Buffer.from([start, ...events].map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
}

const hello = { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Hello' } } } };
const end = { type: 'message-end', delta: { finish_reason: 'COMPLETE' } };

describe('streams of cohere', () => {
  it('have the name of a call at once, and hold back only what may not be arguments', async () => {
    const start = { id: 'f_1', type: 'function', function: { name: 'f', arguments: '' } };
    const piece = (text: string) => ({
      type: 'tool-call-delta',
      index: 0,
      delta: { message: { tool_calls: { function: { arguments: text } } } },
    });
    const events = await eventsOf(
      cohere,
      stream(
        { type: 'tool-call-start', index: 0, delta: { message: { tool_calls: start } } },
        { type: 'debug', prompt: 'x' },
        piece(' '),
        piece('{"a":'),
        piece('1}'),
        { type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } },
      ),
      [250, 330, 420, 500],
    );
    const deltas = events.filter((event) => event.type === 'tool_call');
    expect(deltas.length).toBeGreaterThan(1);
    for (const delta of deltas) expect(delta).toMatchObject({ index: 0, id: 'f_1', name: 'f' });
    expect(deltas.map(({ argumentsDelta }) => argumentsDelta).join('')).toBe(' {"a":1}');
  });

  it('need no [DONE], no event line and no usage', async () => {
    expect(await answerOf(cohere, stream(hello, end))).toMatchObject({
      id: 'c-1',
      text: 'Hello',
      finishReason: 'stop',
      usage: undefined,
    });
  });

  it.each([
    ['ERROR', 'UPSTREAM_ERROR'],
    ['TIMEOUT', 'UPSTREAM_TIMEOUT'],
  ])('that end with %s fail with %s and keep what they used', async (word, code) => {
    const decoder = cohere.decodeStream();
    const usage = { tokens: { input_tokens: 10.0, output_tokens: 2.4 } };
    const delta = { finish_reason: word, error: `model\n${'x'.repeat(500)}`, usage };
    const data = JSON.stringify({ type: 'message-end', delta });
    expect(() => decoder.push({ event: undefined, data })).toThrow(expect.objectContaining({ code, retryable: true }));
    expect(decoder.usage()).toMatchObject({ inputTokens: 10, outputTokens: 2, totalTokens: 12 });
    await expect(answerOf(cohere, stream(hello, { type: 'message-end', delta }))).rejects.toThrow(/: model x+…$/);
  });

  it('are truncated without message-end, even behind [DONE]', async () => {
    const bytes = Buffer.concat([stream(hello), Buffer.from('data: [DONE]\n\n')]);
    await expect(answerOf(cohere, bytes)).rejects.toMatchObject({ code: 'UPSTREAM_TRUNCATED' });
  });

  it('fail when a text comes where a message is expected', async () => {
    const bytes = Buffer.from('data: {"id":"e-1","message":"too many tokens: 9 over"}\n\n');
    await expect(answerOf(cohere, bytes)).rejects.toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED' });
  });
});

describe('whole answers of cohere', () => {
  it.each([
    ['ERROR', 'error'],
    ['ERROR_TOXIC', 'content_filter'],
    ['A_WORD_OF_TOMORROW', 'other'],
    ['constructor', 'other'],
  ])('that end with %s are reported as %s', (rawFinishReason, finishReason) => {
    const body = { message: { role: 'assistant' }, finish_reason: rawFinishReason };
    expect(cohere.decode(body)).toMatchObject({ text: '', finishReason, rawFinishReason });
  });

  it('get an id for each call without one', () => {
    const calls = [{ function: { name: 'f', arguments: null } }, { function: { name: 'g' } }];
    const { toolCalls } = cohere.decode({ id: 'c-1', message: { tool_calls: calls } });
    expect(toolCalls).toMatchObject([
      { name: 'f', arguments: '{}' },
      { name: 'g', arguments: '{}' },
    ]);
    expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
  });

  it('are failures when their message is a text', () => {
    expect(() => cohere.decode({ message: 'model is overloaded' })).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_OVERLOADED' }),
    );
  });
});

describe('failures of cohere', () => {
  function failure(status: number, message: string, headers: UpstreamFailure['headers'] = {}) {
    return cohere.decodeFailure({ status, headers, body: JSON.stringify({ id: 'e-1', message }) });
  }

  it.each([
    [400, 'invalid request: temperature must be between 0 and 1.0 inclusive.', 'UPSTREAM_REJECTED'],
    [400, 'too many tokens: size limit exceeded by 11326 tokens.', 'CONTEXT_LENGTH_EXCEEDED'],
    [401, 'invalid api token', 'UPSTREAM_AUTHENTICATION'],
    [402, 'Please add or update your payment method', 'UPSTREAM_BILLING'],
    [404, "model 'xyz' not found, make sure the correct model ID was used", 'MODEL_NOT_FOUND'],
    [422, 'No valid tool call or response generated', 'UPSTREAM_REJECTED'],
    [429, 'You are past the per minute request limit, please wait and try again later.', 'UPSTREAM_RATE_LIMITED'],
    [498, 'blocked', 'CONTENT_FILTERED'],
    [499, 'request cancelled', 'UPSTREAM_ERROR'],
    [500, 'internal server error', 'UPSTREAM_ERROR'],
    [503, 'unavailable', 'UPSTREAM_OVERLOADED'],
    [504, 'timed out', 'UPSTREAM_TIMEOUT'],
  ])('%i "%s" is %s', (status, message, code) => {
    expect(failure(status, message)).toMatchObject({ code, status });
  });

  it('of a trial key with a used-up month are final', () => {
    const minute = failure(429, 'You are using a Trial key, which is limited to 20 API calls / minute.');
    expect(minute).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryable: true });
    const month = failure(429, 'You are using a Trial key, which is limited to 1000 API calls / month.');
    expect(month).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryable: false, retryAfterMs: undefined });
  });

  it("wait until the reported reset, by Cohere's clock", () => {
    const date = 'Thu, 01 Oct 2026 12:00:00 GMT';
    const now = Date.parse(date) / 1000;
    const reset = (at: number) => ({ date, 'x-ratelimit-reset': String(at) });
    expect(failure(429, 'slow down', reset(now + 30))).toMatchObject({ retryAfterMs: 30_000 });
    expect(failure(429, 'slow down', { ...reset(now + 30), 'retry-after': '2' })).toMatchObject({ retryAfterMs: 2000 });
    expect(failure(429, 'slow down', reset(now - 30)).retryAfterMs).toBeUndefined();
    expect(failure(429, 'slow down', { 'x-ratelimit-reset': String(now + 30) }).retryAfterMs).toBeUndefined();
  });
});
