import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openState, sealState } from '../../src/core/provider-state.ts';
import { google as provider } from '../../src/providers/google/adapter.ts';
import { answerOf } from '../support/replay.ts';
import { request, target } from '../support/requests.ts';
import { sharedFixtures } from '../support/shared.ts';

const gemini3 = target('google/gemini-3-flash-preview');
const google = provider.codecFor(gemini3);
const flash25 = target('google/gemini-2.5-flash');
const pro25 = target('google/gemini-2.5-pro');
const gemini15 = target('google/gemini-1.5-flash');
const gemma = target('google/gemma-4-31b-it');

const weather = { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const user = (content: string) => ({ role: 'user', content });
const answering = (toolCallId: string, content: string) => ({ role: 'tool', toolCallId, content });
const calling = (...ids: string[]) => ({
  role: 'assistant',
  toolCalls: ids.map((id) => ({ id, name: `tool_${id}`, arguments: `{"id":"${id}"}` })),
});

type WirePart = { functionCall?: unknown; thoughtSignature?: string };
type WireContent = { role: string; parts: WirePart[] };

function encode(fields: Record<string, unknown>, to = gemini3) {
  const { body, warnings } = provider.codecFor(to).encode(request(fields), 'whole');
  const config = body['generationConfig'] as Record<string, unknown> | undefined;
  // The wire as this test reads it; the type of `encode` is unknown.
  const contents = body['contents'] as WireContent[];
  return { body, config, contents, warned: warnings.map(({ option }) => option) };
}

const refused = (option: string) =>
  expect.objectContaining({ code: 'UNSUPPORTED_OPTION', issues: [expect.objectContaining({ path: option })] });

function streamOf(...pieces: unknown[]): Buffer {
  return Buffer.from(pieces.map((piece) => `data: ${JSON.stringify(piece)}\r\n\r\n`).join(''));
}
const answering200 = (parts: unknown[], finishReason?: string) => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason && { finishReason }) }],
  responseId: 'r1',
});

describe('the request', () => {
  it.each([
    ['gemini-2.5-pro', 'whole', '/models/gemini-2.5-pro:generateContent'],
    ['gemini-2.5-pro', 'stream', '/models/gemini-2.5-pro:streamGenerateContent?alt=sse'],
    ['models/gemini-2.5-pro', 'whole', '/models/gemini-2.5-pro:generateContent'],
    ['tunedModels/my-own', 'whole', '/tunedModels/my-own:generateContent'],
    ['a b?key=x#y', 'whole', '/models/a%20b%3Fkey%3Dx%23y:generateContent'],
    ['tunedModels/../files', 'whole', '/models/tunedModels%2F..%2Ffiles:generateContent'],
  ] as const)('reaches the model %s, %s, in one segment of the path', (model, mode, path) => {
    expect(provider.codecFor({ ...gemini3, model }).encode(request(), mode).path).toBe(path);
  });

  it('has its options under the names of the wire, and all instructions first', () => {
    const { body, warned } = encode(
      {
        systemMessage: 'Be brief.',
        messages: [user('Hi'), { role: 'system', content: 'And kind.' }],
        temperature: 0.7,
        topP: 0.9,
        maxTokens: 50,
        stop: ['END'],
        frequencyPenalty: 0.1,
        presencePenalty: -0.1,
        seed: 7,
      },
      gemini15,
    );
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.\n\nAnd kind.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: {
        temperature: 0.7,
        topP: 0.9,
        maxOutputTokens: 50,
        stopSequences: ['END'],
        frequencyPenalty: 0.1,
        presencePenalty: -0.1,
        seed: 7,
      },
    });
    expect(warned).toEqual(['messages']);
  });

  it('omits hints without a field on the wire, with warnings', () => {
    const stop = ['1', '2', '3', '4', '5', '6'];
    const { body, warned } = encode({ user: 'u', seed: 2 ** 31, stop, tools: [weather], parallelToolCalls: false });
    expect(body['generationConfig']).toBeUndefined();
    expect(warned.sort()).toEqual(['parallelToolCalls', 'seed', 'stop', 'user']);
    expect(encode({ tools: [weather], parallelToolCalls: true }).warned).toEqual([]);
  });

  it('sends penalties to no model since 2.5', () => {
    const penalties = { frequencyPenalty: 0.5, presencePenalty: 0 };
    for (const to of [flash25, gemini3, gemma, target('google/gemini-9-unheard-of')]) {
      expect(encode(penalties, to)).toMatchObject({ config: undefined, warned: Object.keys(penalties) });
    }
  });

  it('has images as data, and refuses to fetch them', () => {
    const image = (url: string, detail?: string) => ({
      messages: [{ role: 'user', parts: [{ text: 'What?' }, { image: { url, detail } }] }],
    });
    const { contents, warned } = encode(image('data:image/png;base64,AAAA', 'low'));
    expect(contents[0]?.parts).toEqual([{ text: 'What?' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }]);
    expect(warned).toEqual(['messages']);
    expect(() => encode(image('https://a.example/cat.png'))).toThrow(refused('messages'));
    expect(() => encode(image('https://a.example/cat.png'))).toThrow(/as data only/);
  });

  it('alternates user and model, with the results of a turn together and first', () => {
    const { contents } = encode(
      {
        messages: [
          user('A'),
          user('B'),
          calling('1', '2'),
          answering('2', '[1, 2]'),
          user('Hurry.'),
          answering('1', '{"degrees": 21}'),
        ],
      },
      flash25,
    );
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'A' }, { text: 'B' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: '1', name: 'tool_1', args: { id: '1' } } },
          { functionCall: { id: '2', name: 'tool_2', args: { id: '2' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: '2', name: 'tool_2', response: { result: '[1, 2]' } } },
          { functionResponse: { id: '1', name: 'tool_1', response: { degrees: 21 } } },
          { text: 'Hurry.' },
        ],
      },
    ]);
  });

  it("has the instructions for Gemma in the user's message", () => {
    expect(encode({ systemMessage: 'Be brief.' }, gemma).body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Be brief.\n\n' }, { text: 'Hello' }] }],
    });
    expect(encode({ systemMessage: 'Be brief.' }, target('google/gemma-3-27b-it')).contents[0]?.parts).toHaveLength(2);
  });
});

describe('tools', () => {
  it('are declared with their JSON schema, or without any where they have no parameters', () => {
    const { body } = encode({
      tools: [
        { ...weather, description: 'Tells the weather' },
        { name: 'get_time', parameters: { type: 'object', properties: {}, additionalProperties: false } },
        { name: 'save', parameters: { type: 'object', additionalProperties: { type: 'string' } } },
      ],
    });
    expect(body['tools']).toEqual([
      {
        functionDeclarations: [
          { name: 'get_weather', description: 'Tells the weather', parametersJsonSchema: weather.parameters },
          { name: 'get_time' },
          { name: 'save', parametersJsonSchema: { type: 'object', additionalProperties: { type: 'string' } } },
        ],
      },
    ]);
    expect(body['toolConfig']).toBeUndefined();
  });

  it.each([
    [{ mode: 'auto' }, false, { mode: 'AUTO' }],
    [{ mode: 'auto' }, true, { mode: 'VALIDATED' }],
    [undefined, true, { mode: 'VALIDATED' }],
    [{ mode: 'none' }, false, { mode: 'NONE' }],
    [{ mode: 'required' }, true, { mode: 'ANY' }],
    [{ tool: 'get_weather' }, false, { mode: 'ANY', allowedFunctionNames: ['get_weather'] }],
  ])('with the choice %j and strictness %j are called by %j', (toolChoice, strict, functionCallingConfig) => {
    expect(encode({ tools: [{ ...weather, strict }], toolChoice }).body['toolConfig']).toEqual({
      functionCallingConfig,
    });
  });
});

describe('a response format', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } } };
  const jsonSchema = { responseFormat: { jsonSchema: { name: 'answer', schema } } };

  it('is a MIME type, and a JSON schema beside it', () => {
    const responseMimeType = 'application/json';
    expect(encode({ responseFormat: { jsonObject: true } }).config).toEqual({ responseMimeType });
    expect(encode(jsonSchema).config).toEqual({ responseMimeType, responseJsonSchema: schema });
    expect(encode({ ...jsonSchema, tools: [weather] })).toMatchObject({ config: { responseMimeType }, warned: [] });
  });

  it('is requested in the prompt while tools are offered, before Gemini 3', () => {
    const { body, config, warned } = encode({ ...jsonSchema, tools: [weather] }, flash25);
    expect(config).toBeUndefined();
    expect(JSON.stringify(body['systemInstruction'])).toContain('It must follow this JSON schema');
    expect(warned).toEqual(['responseFormat']);
  });

  it('is requested in the prompt where the model has no such mode', () => {
    const none = target('google/gemini-2.5-flash', { structuredOutput: 'none' });
    expect(encode({ responseFormat: { jsonObject: true } }, none)).toMatchObject({
      config: undefined,
      warned: ['responseFormat'],
    });
    const object = target('google/gemini-2.5-flash', { structuredOutput: 'json_object' });
    expect(encode(jsonSchema, object)).toMatchObject({
      config: { responseMimeType: 'application/json' },
      warned: ['responseFormat'],
    });
  });
});

describe('a reasoning effort', () => {
  const thinking = (reasoningEffort: string, to = gemini3, fields = {}) => {
    const { config, warned } = encode({ reasoningEffort, ...fields }, to);
    return { ...(config?.['thinkingConfig'] as object), warned };
  };

  it('is a level since Gemini 3, the nearest one where the model lacks it', () => {
    const includeThoughts = true;
    expect(thinking('minimal')).toEqual({ thinkingLevel: 'MINIMAL', includeThoughts, warned: [] });
    expect(thinking('xhigh')).toEqual({ thinkingLevel: 'HIGH', includeThoughts, warned: ['reasoningEffort'] });
    expect(thinking('xhigh', target('google/gemini-4-hydrogen'))).toMatchObject({ thinkingLevel: 'XHIGH', warned: [] });
    expect(thinking('minimal', target('google/gemini-9-unheard-of'))).toMatchObject({ thinkingLevel: 'LOW' });
    expect(thinking('medium', gemma)).toMatchObject({ thinkingLevel: 'HIGH', warned: ['reasoningEffort'] });
  });

  it('is a token budget before Gemini 3, within the range of the model', () => {
    const includeThoughts = true;
    expect(thinking('low', flash25)).toEqual({ thinkingBudget: 6554, includeThoughts, warned: [] });
    expect(thinking('low', flash25, { maxTokens: 1000 })).toMatchObject({ thinkingBudget: 100 });
    expect(thinking('xhigh', flash25)).toMatchObject({ thinkingBudget: 24_576 });
    expect(thinking('xhigh', pro25)).toMatchObject({ thinkingBudget: 32_768 });
    expect(thinking('minimal', pro25, { maxTokens: 1000 })).toMatchObject({ thinkingBudget: 128 });
    expect(thinking('low', target('google/gemini-2.5-flash-preview-09-2025'))).toMatchObject({ thinkingBudget: 6554 });
  });

  it('turns reasoning off where possible, and is refused elsewhere', () => {
    expect(thinking('none', flash25)).toEqual({ thinkingBudget: 0, warned: [] });
    expect(thinking('none', gemini15)).toEqual({ warned: [] });
    for (const to of [pro25, gemini3, gemma, target('google/gemini-9-unheard-of')]) {
      expect(() => thinking('none', to)).toThrow(refused('reasoningEffort'));
    }
  });

  it('is a hint for a model that does not reason', () => {
    expect(thinking('high', gemini15)).toEqual({ warned: ['reasoningEffort'] });
    expect(encode({ reasoningEffort: 'auto' }).config).toBeUndefined();
  });
});

describe('a thought signature', () => {
  const answer = google.decode(
    answering200(
      [
        { text: 'Hm.', thought: true },
        { text: 'Let me ' },
        { text: 'look.' },
        { text: ' Now.', thoughtSignature: 'dGV4dA==' },
        { functionCall: { name: 'a', args: {} }, thoughtSignature: 'Y2FsbA-_' },
        { functionCall: { name: 'b' } },
      ],
      'STOP',
    ),
  );
  const turn = { role: 'assistant', content: answer.text, toolCalls: answer.toolCalls };
  const results = answer.toolCalls.map(({ id }) => answering(id, 'done'));
  const partsOf = (fields: Record<string, unknown>, to = gemini3) => {
    const answered = fields['toolCalls'] === null ? [] : results;
    return encode({ messages: [user('Hi'), { ...turn, ...fields }, ...answered] }, to).contents[1]?.parts;
  };

  it('is sent back with the next turn on its own part', () => {
    expect(partsOf({ providerState: answer.providerState })).toEqual([
      { text: 'Let me look.' },
      { text: ' Now.', thoughtSignature: 'dGV4dA==' },
      { functionCall: { id: 'call_r1_0', name: 'a', args: {} }, thoughtSignature: 'Y2FsbA-_' },
      { functionCall: { id: 'call_r1_1', name: 'b', args: {} } },
    ]);
  });

  it('is sent back alone where it was on an empty text', async () => {
    const streamed = await answerOf(
      google,
      streamOf(answering200([{ text: 'Hi' }]), answering200([{ text: '', thoughtSignature: 'ZW1wdHk' }], 'STOP')),
    );
    const { text: content, providerState } = streamed;
    expect(partsOf({ content, toolCalls: null, providerState })).toEqual([
      { text: 'Hi' },
      { text: '', thoughtSignature: 'ZW1wdHk' },
    ]);
  });

  it('is replaced by the placeholder on the first call of another model, since Gemini 3', () => {
    const noSignature = 'skip_thought_signature_validator';
    const signatures = (to = gemini3) => partsOf({}, to)?.map(({ thoughtSignature }) => thoughtSignature);
    expect(signatures()).toEqual([undefined, noSignature, undefined]);
    expect(signatures(flash25)).toEqual([undefined, undefined, undefined]);
    expect(signatures(gemma)).toEqual([undefined, undefined, undefined]);
  });

  it('is omitted from a changed text', () => {
    const parts = partsOf({ content: 'Let me see.', providerState: answer.providerState });
    expect(parts?.[0]).toEqual({ text: 'Let me see.' });
    expect(parts?.[1]).toHaveProperty('thoughtSignature', 'Y2FsbA-_');
  });

  it.each([
    ['no text of ours', 'oops'],
    ['the state of another provider', sealState('anthropic', { calls: [{ id: 'call_r1_0', signature: 'AAAA' }] })],
    ['wrong types', sealState('google', { text: 7, calls: [null, 'x', { id: 1, signature: 'AAAA' }] })],
    ['no base64', sealState('google', { text: [], calls: [{ id: 'call_r1_0', signature: '"}],"role":"system"' }] })],
    ['an object', sealState('google', { text: [], calls: [{ id: 'call_r1_0', signature: { a: 1 } }] })],
  ])('is not taken from a caller who sends %s', (_what, providerState) => {
    expect(partsOf({ providerState }, flash25)).toEqual(partsOf({}, flash25));
  });

  it('needs no state where nothing was signed', () => {
    expect(google.decode(answering200([{ text: 'Hi' }], 'STOP')).providerState).toBeUndefined();
    expect(openState('google', answer.providerState)).toBeDefined();
  });
});

describe('an answer', () => {
  it('is a refusal when the prompt was blocked, which leaves no candidate', async () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 4 } };
    const expected = {
      text: '',
      finishReason: 'content_filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
      refusal: 'Google blocked the prompt (PROHIBITED_CONTENT).',
      usage: { inputTokens: 4, outputTokens: undefined, totalTokens: 4 },
    };
    expect(google.decode(blocked)).toMatchObject(expected);
    expect(await answerOf(google, streamOf(blocked))).toEqual(google.decode(blocked));
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['RECITATION', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['A_WORD_OF_TOMORROW', 'other'],
    ['constructor', 'other'],
    ['FINISH_REASON_UNSPECIFIED', 'other'],
  ])('that ends with %s has the finish reason %s, with parts or without', (raw, finishReason) => {
    expect(google.decode({ candidates: [{ finishReason: raw }] })).toMatchObject({
      finishReason,
      rawFinishReason: raw,
      text: '',
    });
  });

  it('with calls in any piece has the reason TOOL_CALL', async () => {
    const pieces = [answering200([{ functionCall: { name: 'a' } }]), answering200([{ text: '' }], 'STOP')];
    expect((await answerOf(google, streamOf(...pieces))).finishReason).toBe('tool_call');
    expect(google.decode(answering200([{ functionCall: { name: 'a' } }], 'MAX_TOKENS')).finishReason).toBe('length');
  });

  it('without a candidate is a failure', () => {
    expect(() => google.decode({ usageMetadata: { promptTokenCount: 4 } })).toThrow(/without a candidate/);
  });

  it('has the arguments of a call in pieces, whatever their names are', async () => {
    const piece = (functionCall: object, finishReason?: string) => answering200([{ functionCall }], finishReason);
    const add = (jsonPath: string, value: object) => ({ partialArgs: [{ jsonPath, ...value }], willContinue: true });
    const { toolCalls } = await answerOf(
      google,
      streamOf(
        piece({ name: 'a', willContinue: true }),
        piece(add('$.__proto__.polluted', { stringValue: 'ye' })),
        piece(add('$["__proto__"].polluted', { stringValue: 's' })),
        piece(add('$.list[4000000000]', { boolValue: true })),
        piece(add('$.list[0][0]', { numberValue: 0 })),
        piece(add('no path', { numberValue: 1 })),
        piece({ name: 'b', args: { x: 1 } }),
        piece({}),
        piece({ name: 'c', willContinue: true }, 'STOP'),
      ),
    );
    expect(toolCalls.map(({ id, name, arguments: args }) => [id, name, args])).toEqual([
      ['call_r1_0', 'a', '{"__proto__":{"polluted":"yes"},"list":[[0],true]}'],
      ['call_r1_1', 'b', '{"x":1}'],
      ['call_r1_2', 'c', '{}'],
    ]);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a failure', () => {
  const failed = (code: number, status: string, details: unknown[] = [], message = 'No.') =>
    google.decodeFailure({
      status: code,
      headers: { 'retry-after': '9' },
      body: JSON.stringify({ error: { code, message, status, details } }),
    });
  const quota = (quotaId: string) => ({
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaId }],
  });
  const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' };
  const spoken = 'You exceeded your current quota, please check your plan and billing details.';

  it('for the quota of a minute has the time to wait', () => {
    const failure = failed(429, 'RESOURCE_EXHAUSTED', [quota('GenerateRequestsPerMinutePerProject'), retry], spoken);
    expect(failure).toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      retryable: true,
      retryAfterMs: 34_075,
      status: 429,
    });
  });

  it('for the quota of a day is final', () => {
    const failure = failed(429, 'RESOURCE_EXHAUSTED', [quota('GenerateRequestsPerDayPerProject'), retry], spoken);
    expect(failure).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryable: false, retryAfterMs: undefined });
  });

  it.each([
    [400, 'INVALID_ARGUMENT', 'Invalid value at contents.', 'UPSTREAM_REJECTED'],
    [
      400,
      'INVALID_ARGUMENT',
      'The input token count (9) exceeds the maximum number of tokens allowed (8).',
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    [400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.', 'UPSTREAM_AUTHENTICATION'],
    [400, 'FAILED_PRECONDITION', 'Please enable billing on your project.', 'UPSTREAM_BILLING'],
    [404, 'NOT_FOUND', 'models/x is not found for API version v1beta.', 'MODEL_NOT_FOUND'],
    [500, 'INTERNAL', 'An internal error has occurred.', 'UPSTREAM_ERROR'],
    [503, 'UNAVAILABLE', 'The model is overloaded.', 'UPSTREAM_OVERLOADED'],
    [504, 'DEADLINE_EXCEEDED', 'Deadline expired.', 'UPSTREAM_TIMEOUT'],
  ])('with HTTP %d %s, "%s", is %s', (code, status, message, expected) => {
    expect(failed(code, status, [], message).code).toBe(expected);
  });

  it('never contains a key', () => {
    const key = 'AIzaSyCanary-4f9d';
    const invalid = failed(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }], `API key ${key} not valid.`);
    expect(invalid).toMatchObject({ code: 'UPSTREAM_AUTHENTICATION', status: 400 });
    const unpaid = failed(403, 'PERMISSION_DENIED', [], `Billing of consumer 'api_key:${key}' is off.`);
    expect(unpaid.code).toBe('UPSTREAM_BILLING');
    expect(invalid.message + unpaid.message).not.toContain(key);
  });

  it.each([
    ['as it is', { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } }],
    ['in a list', [{ error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } }]],
  ])('inside HTTP 200, %s, is thrown wherever it comes', async (_what, error) => {
    const overloaded = { code: 'UPSTREAM_OVERLOADED', status: 503 };
    expect(() => google.decode(error)).toThrow(expect.objectContaining(overloaded));
    const spoken = streamOf(answering200([{ text: 'Once' }], 'STOP'));
    await expect(answerOf(google, Buffer.concat([spoken, streamOf(error)]))).rejects.toMatchObject(overloaded);
    const tail = Buffer.from(JSON.stringify(error, undefined, 2));
    await expect(answerOf(google, Buffer.concat([spoken, tail]), [spoken.length])).rejects.toMatchObject(overloaded);
  });

  it('has the usage that was reported before it', () => {
    const decoder = google.decodeStream();
    const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 };
    decoder.push({ event: undefined, data: JSON.stringify({ ...answering200([{ text: 'Hi' }]), usageMetadata }) });
    expect(() => decoder.end()).toThrow(expect.objectContaining({ code: 'UPSTREAM_TRUNCATED' }));
    expect(decoder.usage()).toMatchObject({ inputTokens: 5, outputTokens: 2, totalTokens: 7 });
  });
});

describe.skipIf(!sharedFixtures)('recorded answers (skipped where ../shared/fixtures is absent)', () => {
  const read = (file: string) => readFileSync(`${sharedFixtures}google/${file}`, 'utf8');
  const replay = (file: string) => {
    if (file.endsWith('.json')) return google.decode(JSON.parse(read(file)));
    const lines = read(file).split('\n').filter(Boolean);
    return answerOf(google, streamOf(...lines.map((line) => JSON.parse(line))));
  };
  const usageOf = (inputTokens: number, outputTokens: number, reasoningOutputTokens: number) => ({
    inputTokens,
    outputTokens,
    reasoningOutputTokens,
    totalTokens: inputTokens + outputTokens,
  });

  it.each([
    ['google-text.json', 78, usageOf(9, 272, 244)],
    ['google-reasoning.chunks.txt', 79, usageOf(9, 285, 256)],
    ['google-reasoning-gemini3.json', 79, usageOf(9, 287, 258)],
  ])('%s is a text with a signature', async (file, length, usage) => {
    const answer = await replay(file);
    expect(answer).toMatchObject({
      reasoning: '',
      finishReason: 'stop',
      rawFinishReason: 'STOP',
      usage,
      toolCalls: [],
    });
    expect(answer.text).toMatch(/^There are \*\*3\*\* /);
    expect([...answer.text]).toHaveLength(length);
    expect(answer.providerState).toBeDefined();
  });

  it.each([
    ['google-tool-call.chunks.txt', 'call_b36LacjwM668nsEP2tbsgQQ_0', usageOf(29, 60, 45)],
    ['google-tool-call-gemini3.json', 'call_JniLacKqGqH0xs0P0O776As_0', usageOf(29, 1816, 1801)],
  ])('%s is a call with a signature', async (file, id, usage) => {
    const answer = await replay(file);
    expect(answer).toMatchObject({ text: '', finishReason: 'tool_call', rawFinishReason: 'STOP', usage });
    expect(answer.toolCalls).toEqual([{ id, name: 'weather', arguments: '{"location":"San Francisco"}' }]);
    expect(answer.providerState).toBeDefined();
  });

  it('google-stream-no-args-tool-call.chunks.txt is four calls, three of them in pieces', async () => {
    const answer = await replay('google-stream-no-args-tool-call.chunks.txt');
    expect(answer).toMatchObject({ text: '', finishReason: 'tool_call', usage: usageOf(249, 241, 183) });
    expect([...answer.reasoning]).toHaveLength(320);
    expect(answer.toolCalls.map(({ name, arguments: args }) => `${name} ${args}`)).toEqual([
      'read_theme {}',
      'read_screen {"id":"A"}',
      'read_screen {"id":"B"}',
      'read_screen {"id":"C"}',
    ]);
    expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(4);
  });

  it('google-429-retry-info.json has the time to wait', () => {
    const failure = google.decodeFailure({ status: 429, headers: {}, body: read('google-429-retry-info.json') });
    expect(failure).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryable: true, retryAfterMs: 34_400 });
  });
});

it('a tool result that is nested too deeply is sent as text', () => {
  const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const result = { role: 'tool', toolCallId: 'x', content: deep };
  const { contents } = encode({ messages: [user('Hi'), calling('x'), result] });
  expect(JSON.stringify(contents)).toContain('"response":{"result":"{\\"a\\":[[[');
});
