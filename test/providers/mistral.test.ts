import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mistral as provider } from '../../src/providers/mistral/adapter.ts';
import { answerOf } from '../support/replay.ts';
import { request, target } from '../support/requests.ts';

const small = target('mistral/mistral-small-latest');
const mistral = provider.codecFor(small);
const tools = [{ name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }];

type WireMessage = {
  role: string;
  content: unknown;
  prefix?: boolean;
  tool_call_id?: string;
  tool_calls?: { id: string }[];
};

function encode(fields: Record<string, unknown>, to = small) {
  const { body, warnings } = provider.codecFor(to).encode(request(fields), 'whole');
  // The wire as this test reads it; the type of `encode` is unknown.
  return { body, messages: body['messages'] as WireMessage[], warned: warnings.map(({ option }) => option) };
}

function calling(...ids: string[]) {
  return { role: 'assistant', toolCalls: ids.map((id) => ({ id, name: 'get_weather', arguments: '{}' })) };
}
const answering = (toolCallId: string, content = '21') => ({ role: 'tool', toolCallId, content });
const user = (content: string) => ({ role: 'user', content });

describe('the body', () => {
  it('has only fields of the strict schema, under its own names', () => {
    const { body, warned } = encode({
      systemMessage: 'Be brief.',
      temperature: 0.7,
      topP: 0.9,
      maxTokens: 50,
      stop: ['END'],
      frequencyPenalty: 0.1,
      presencePenalty: -0.1,
      seed: 7,
      tools,
      toolChoice: { mode: 'required' },
      parallelToolCalls: false,
      reasoningEffort: 'high',
    });
    expect(body).toEqual({
      model: 'mistral-small-latest',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      temperature: 0.7,
      top_p: 0.9,
      max_tokens: 50,
      stop: ['END'],
      frequency_penalty: 0.1,
      presence_penalty: -0.1,
      random_seed: 7,
      tools: [{ type: 'function', function: tools[0] }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      reasoning_effort: 'high',
    });
    expect(warned).toEqual([]);
  });

  it('requests a stream without stream_options', () => {
    const { body } = mistral.encode(request(), 'stream');
    expect(body).toEqual({
      model: 'mistral-small-latest',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
    });
  });

  it.each([
    ['user', { user: 'u-1' }],
    ['temperature', { temperature: 1.6 }],
    ['topP', { topP: 0 }],
    ['topP', { topP: 0.5, temperature: 0 }],
    ['seed', { seed: -1 }],
  ])('leaves out %s, with a warning, from %j', (option, fields) => {
    const { body, warned } = encode(fields);
    expect(warned).toEqual([option]);
    expect(Object.keys(body)).not.toContain({ user: 'user', topP: 'top_p', seed: 'random_seed' }[option] ?? option);
  });

  it('takes temperature 0 together with topP 1', () => {
    expect(encode({ temperature: 0, topP: 1 }).body).toMatchObject({ temperature: 0, top_p: 1 });
  });

  it('carries images and their detail', () => {
    const image = { url: 'https://example.org/cat.png', detail: 'low' };
    const { messages } = encode({ messages: [{ role: 'user', parts: [{ text: 'What is it?' }, { image }] }] });
    expect(messages[0]?.content).toEqual([
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: image },
    ]);
  });

  it('names a schema, and adds the word JSON where JSON mode lacks it', () => {
    const schema = { type: 'object' };
    const named = encode({ responseFormat: { jsonSchema: { name: 'city', schema, strict: true } } });
    expect(named.body).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } },
    });
    const { body, messages, warned } = encode({ responseFormat: { jsonObject: true } });
    expect(body).toMatchObject({ response_format: { type: 'json_object' } });
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(messages[0]?.content).toContain('JSON');
    expect(warned).toEqual(['responseFormat']);
  });
});

describe('reasoning', () => {
  it('sends the efforts of the catalogue, or the nearest one with a warning', () => {
    expect(encode({ reasoningEffort: 'none' })).toMatchObject({ body: { reasoning_effort: 'none' }, warned: [] });
    const medium = encode({ reasoningEffort: 'medium' });
    expect(medium).toMatchObject({ body: { reasoning_effort: 'high' }, warned: ['reasoningEffort'] });
    const large = target('mistral/mistral-large-latest');
    expect(encode({ reasoningEffort: 'high' }, large).body).not.toHaveProperty('reasoning_effort');
  });

  it.each([
    ['a model that knows no effort word', target('mistral/thinker', { reasoning: {} })],
    ['a dated Magistral outside the catalogue', target('mistral/magistral-medium-2509')],
  ])('of %s cannot be turned off, nor measured', (_what, to) => {
    expect(() => encode({ reasoningEffort: 'none' }, to)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_OPTION' }),
    );
    const { body, warned } = encode({ reasoningEffort: 'low' }, to);
    expect(body).not.toHaveProperty('reasoning_effort');
    expect(warned).toEqual(['reasoningEffort']);
    expect(encode({ reasoningEffort: 'auto' }, to).warned).toEqual([]);
  });
});

describe('the order of messages', () => {
  const roles = (messages: unknown[]) => encode({ messages }).messages.map(({ role }) => role);

  it('has an assistant between a tool result and the user, with a warning', () => {
    const messages = [user('Weather?'), calling('a', 'b'), answering('a'), answering('b'), user('And in Rome?')];
    const encoded = encode({ messages });
    expect(encoded.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
      'assistant',
      'user',
    ]);
    expect(encoded.messages[4]).toEqual({ role: 'assistant', content: 'OK' });
    expect(encoded.warned).toEqual(['messages']);
  });

  it('ignores messages that are not sent', () => {
    const empty = { role: 'assistant', providerState: 'of-another-provider' };
    const late = { role: 'system', content: 'Be brief.' };
    expect(roles([user('Weather?'), calling('a'), answering('a'), empty, late, user('Thanks')])).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ]);
  });

  it('omits empty assistant messages', () => {
    expect(roles([user('Hi'), { role: 'assistant', content: '' }, user('Hello?')])).toEqual(['user', 'user']);
  });

  it('marks a last assistant message as a prefix, and only that one', () => {
    const said = (content: string) => ({ role: 'assistant', content });
    const { messages, warned } = encode({ messages: [user('Hi'), said('Hello.'), user('A poem'), said('Roses')] });
    expect(messages[1]).toEqual({ role: 'assistant', content: 'Hello.' });
    expect(messages.at(-1)).toEqual({ role: 'assistant', content: 'Roses', prefix: true });
    expect(warned).toEqual(['messages']);
  });
});

describe('ids of tool calls', () => {
  function idsOf(ids: readonly string[]) {
    const { messages } = encode({ messages: [user('Hi'), calling(...ids), ...ids.map((id) => answering(id))] });
    const called = messages.flatMap(({ tool_calls }) => tool_calls ?? []).map(({ id }) => id);
    const answered = messages.flatMap(({ tool_call_id }) => tool_call_id ?? []);
    return { called, answered };
  }
  const nine = fc.stringMatching(/^[a-zA-Z0-9]{9}$/);
  const anyId = fc.oneof(nine, fc.string({ minLength: 1, maxLength: 256, unit: 'binary' }), fc.uuid());
  const someIds = fc.uniqueArray(anyId, { minLength: 1, maxLength: 20 });

  it('have nine letters and digits, are equal in call and result, and distinct', () => {
    fc.assert(
      fc.property(someIds, (ids) => {
        const { called, answered } = idsOf(ids);
        for (const id of called) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
        expect(answered).toEqual(called);
        expect(new Set(called).size).toBe(ids.length);
      }),
    );
  });

  it('are unchanged where they fit, even when another id would become the same', () => {
    const [short = ''] = idsOf(['call_1']).called;
    const [moved, kept] = idsOf(['call_1', short]).called;
    expect(kept).toBe(short);
    expect(moved).not.toBe(short);
  });

  it('differ for ids that differ only in unpaired surrogates', () => {
    expect(new Set(idsOf(['\ud800', '\ud801', '\ud802']).called).size).toBe(3);
  });

  it('are the same in every later request', () => {
    expect(idsOf(['toolu_01', 'call_2']).called).toEqual(idsOf(['toolu_01', 'call_2', 'call_3']).called.slice(0, 2));
    expect(idsOf(['toolu_01A09q90qw90lq917835lq9']).called).toEqual(['Bd8DSP1EI']);
  });
});

describe('a conversation with tools', () => {
  it('continues with the call that the model wrote', () => {
    const first = mistral.decode({
      id: 'cmpl-1',
      model: 'mistral-small-latest',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            tool_calls: [{ id: 'gSIMJiOkT', function: { name: 'get_weather', arguments: { city: 'Rome' } } }],
          },
        },
      ],
    });
    const { toolCalls } = first;
    const { messages, warned } = encode({
      tools,
      messages: [user('Weather in Rome?'), { role: 'assistant', toolCalls }, answering('gSIMJiOkT', '21 °C')],
    });
    expect(messages).toEqual([
      { role: 'user', content: 'Weather in Rome?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'gSIMJiOkT', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'gSIMJiOkT', content: '21 °C' },
    ]);
    expect(warned).toEqual([]);
  });
});

describe('failures', () => {
  it.each([
    [400, { object: 'error', message: 'Invalid model: m', type: 'invalid_model', code: '1500' }, 'MODEL_NOT_FOUND'],
    [
      400,
      { object: 'error', message: "Unexpected role 'user' after role 'tool'", code: '3230', raw_status_code: 400 },
      'UPSTREAM_REJECTED',
    ],
    [
      400,
      {
        object: 'error',
        message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
        type: 'invalid_request_error',
      },
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    [422, { detail: [{ loc: ['body', 'user'], msg: 'Extra inputs are not permitted' }] }, 'UPSTREAM_REJECTED'],
    [404, { detail: 'Not Found' }, 'MODEL_NOT_FOUND'],
    [401, { message: 'Unauthorized', request_id: 'r' }, 'UPSTREAM_AUTHENTICATION'],
    [429, { object: 'error', message: 'Rate limit exceeded', type: 'rate_limited' }, 'UPSTREAM_RATE_LIMITED'],
    [429, { message: 'Requests rate limit exceeded' }, 'UPSTREAM_RATE_LIMITED'],
    [429, { message: 'Service tier capacity exceeded for this model.' }, 'UPSTREAM_OVERLOADED'],
    [503, { message: 'Service tier capacity exceeded for this model.' }, 'UPSTREAM_OVERLOADED'],
  ])('with HTTP %i and %j are %s', (status, body, code) => {
    expect(mistral.decodeFailure({ status, headers: {}, body: JSON.stringify(body) })).toMatchObject({ code, status });
  });

  it('name the field that was refused, though the message is an object', () => {
    const message = { detail: [{ type: 'extra_forbidden', loc: ['body', 'user'], msg: 'Extra inputs' }] };
    const body = JSON.stringify({ object: 'error', message, type: 'invalid_request_error' });
    const failure = mistral.decodeFailure({ status: 422, headers: {}, body });
    expect(failure).toMatchObject({ code: 'UPSTREAM_REJECTED', retryable: false });
    expect(failure.message).toContain('body.user: Extra inputs');
  });

  it('keep the wait of a busy model', () => {
    const body = '{"message":"Service tier capacity exceeded for this model."}';
    const failure = mistral.decodeFailure({ status: 429, headers: { 'retry-after': '3' }, body });
    expect(failure).toMatchObject({ code: 'UPSTREAM_OVERLOADED', retryable: true, retryAfterMs: 3000 });
  });

  it.each([
    [{ object: 'error', message: 'Rate limit exceeded', code: '1300', raw_status_code: 429 }, 'UPSTREAM_RATE_LIMITED'],
    [{ object: 'error', message: 'Internal server error', code: null, raw_status_code: 500 }, 'UPSTREAM_ERROR'],
    [{ object: 'error', message: { detail: [{ msg: 'Bad' }] }, raw_status_code: 422 }, 'UPSTREAM_REJECTED'],
    [{ object: 'error', message: 'Service tier capacity exceeded for this model.' }, 'UPSTREAM_OVERLOADED'],
  ])('in the middle of a stream, or instead of an answer, are read too: %j', async (error, code) => {
    const chunk = { id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] };
    const bytes = [chunk, error].map((data) => `data: ${JSON.stringify(data)}\n\n`).join('');
    await expect(answerOf(mistral, Buffer.from(bytes))).rejects.toMatchObject({ code });
    expect(() => mistral.decode(error)).toThrow(expect.objectContaining({ code }));
  });
});
