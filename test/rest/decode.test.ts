import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { parseChatRequest } from '../../src/core/chat.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { type ChatCall, decodeChatCall } from '../../src/rest/decode.ts';
import { createFieldNames } from '../../src/rest/field-names.ts';
import { chatInputs } from '../support/chat-inputs.ts';
import { toOpenAiRequest } from '../support/openai-request.ts';

const user = { role: 'user', content: 'Hello' };

function decode(fields: object): ChatCall {
  // As from a socket: undefined fields are absent.
  const body = JSON.parse(JSON.stringify({ model: 'openai/gpt-4o', messages: [user], ...fields }));
  return decodeChatCall(body, createFieldNames(body), { caller: anonymous, headers: {}, toModelId: (name) => name });
}

/** The core's view of it. */
const read = (fields: object) => parseChatRequest(decode(fields).input);

describe('a request in OpenAI’s form', () => {
  it('means the same as in GraphQL', () => {
    fc.assert(
      fc.property(chatInputs, (input) => {
        const given = { model: 'openai/gpt-4o', ...input };
        expect(read(toOpenAiRequest(given))).toEqual(parseChatRequest(given));
        expect(decode(toOpenAiRequest(given)).warnings).toEqual([]);
      }),
    );
  });

  it('names its target with a slash, or with its provider beside it', () => {
    expect(read({ model: 'anthropic/claude-x' })).toMatchObject({ model: 'anthropic/claude-x' });
    expect(read({ provider: 'anthropic', model: 'claude-x' })).toMatchObject({
      model: 'claude-x',
      provider: 'anthropic',
    });
  });

  it('accepts one stop text or several', () => {
    expect(read({ stop: 'END' }).stop).toEqual(['END']);
    expect(read({ stop: ['END', '###'] }).stop).toEqual(['END', '###']);
  });

  it('accepts a schema beside "json_object", as llama.cpp and Together do', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    expect(read({ response_format: { type: 'json_object', schema } }).responseFormat).toMatchObject({
      type: 'json_schema',
      schema,
    });
    expect(decode({ response_format: { type: 'json_object', depth: 3 } }).warnings).toMatchObject([
      { option: 'response_format.depth' },
    ]);
  });

  it('uses the newer name of the limit where both are given, with a warning', () => {
    expect(read({ max_tokens: 5 }).maxTokens).toBe(5);
    expect(read({ max_tokens: 5, max_completion_tokens: null }).maxTokens).toBe(5);
    const both = decode({ max_tokens: 5, max_completion_tokens: 9 });
    expect(both.input).toMatchObject({ maxTokens: 9 });
    expect(both.warnings).toEqual([{ option: 'max_tokens', message: 'max_completion_tokens was used instead' }]);
  });

  it('accepts null as absent everywhere', () => {
    const nothing = Object.fromEntries(
      ['temperature', 'stop', 'tools', 'tool_choice', 'response_format', 'stream', 'stream_options', 'n', 'functions']
        .concat(['function_call', 'max_tokens', 'user', 'logprobs', 'metadata', 'reasoning_effort', 'fallbacks'])
        .map((name) => [name, null]),
    );
    expect(read(nothing)).toEqual(read({}));
    expect(decode(nothing)).toMatchObject({ isStream: false, includeUsage: false, warnings: [] });
  });

  it('accepts an answer back as the SDK returned it', () => {
    const answer = {
      role: 'assistant',
      content: null,
      refusal: null,
      annotations: [],
      reasoning_content: 'Hm.',
      function_call: null,
      audio: null,
      tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      provider_state: 'sealed',
    };
    const call = decode({ messages: [user, answer, { role: 'tool', tool_call_id: 'c1', content: 'ok' }] });
    expect(call.warnings).toEqual([]);
    expect(parseChatRequest(call.input).messages.slice(1)).toEqual([
      {
        role: 'assistant',
        text: '',
        toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }],
        providerState: 'sealed',
        reasoning: 'Hm.',
      },
      { role: 'tool', toolCallId: 'c1', text: 'ok' },
    ]);
  });

  it("accepts a refusal back as the assistant's text", () => {
    const parts = [{ type: 'refusal', refusal: 'I will not.' }];
    for (const said of [{ content: null, refusal: 'I will not.' }, { content: parts }]) {
      expect(read({ messages: [user, { role: 'assistant', ...said }, user] }).messages[1]).toMatchObject({
        text: 'I will not.',
      });
    }
  });

  it('warns about each dropped field, nested ones with their path', () => {
    const call = decode({
      model: 'mistral/x',
      logit_bias: { 5: 1 },
      service_tier: 'flex',
      store: true,
      metadata: { a: 'b' },
      logprobs: false,
      reasoning: { effort: 'low' },
      messages: [{ ...user, name: 'Ann', content: [{ type: 'text', text: 'x', cache_control: {} }] }],
      tools: [{ type: 'function', function: { name: 'f', returns: 'x' } }],
      stream_options: { include_usage: true, include_obfuscation: false, include_more: true },
    });
    expect(call.warnings.map(({ option }) => option).sort()).toEqual([
      'messages[0].name',
      'reasoning',
      'store',
      'stream_options.include_more',
      'tools[0].function.returns',
    ]);
    expect(call.includeUsage).toBe(true);
  });

  it('names at most twenty of them, and the number of the others', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field_${index}`, 1]));
    const { warnings } = decode(many);
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toEqual({ option: '...', message: 'And 30 more fields' });
  });
});

describe('an invalid field', () => {
  const part = (type: string) => ({ messages: [{ role: 'user', content: [{ type, [type]: {} }] }] });

  it.each<[string, object, string, RegExp]>([
    ['no choices', { n: 0 }, 'n', /1 to 8/],
    ['too many choices', { n: 9 }, 'n', /1 to 8/],
    ['choices of a stream that is kept', { n: 2, on_disconnect: 'finish' }, 'n', /one choice/],
    ['legacy functions', { functions: [] }, 'functions', /"tools"/],
    ['a legacy choice', { function_call: 'auto' }, 'function_call', /"tool_choice"/],
    ['a legacy result', { messages: [{ role: 'function', name: 'f', content: '' }] }, 'messages[0].role', /"tool"/],
    ['a part of another kind', part('video'), 'messages[0].content[0].type', /"image_url", "file"/],
    ['a tool of another kind', { tools: [{ type: 'custom', custom: {} }] }, 'tools[0].type', /"function"/],
    ['a choice among some tools', { tool_choice: { type: 'allowed_tools' } }, 'tool_choice.type', /"function"/],
    ['a choice of nothing', { tool_choice: { type: 'function' } }, 'tool_choice.function.name', /name/],
    ['another form', { response_format: { type: 'grammar' } }, 'response_format.type', /"json_schema"/],
    ['a stream that is a word', { stream: 'yes' }, 'stream', /true or false/],
    ['stream options that are a word', { stream_options: 'usage' }, 'stream_options', /object/],
    ['a flag that is a number', { stream_options: { include_usage: 1 } }, 'stream_options.include_usage', /true/],
  ])('is refused: %s', (_what, fields, path, message) => {
    const refusal = refusalOf(fields);
    expect(refusal).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
    expect(refusal.issues).toContainEqual({ path, message: expect.stringMatching(message) });
    expect(createFieldNames({}).path(path)).toBe(path);
  });

  it('is reported together with all others', () => {
    expect(refusalOf({ n: 0, stream: 1, functions: [] }).message).toMatch(/^functions: .* \(and 2 more\)$/);
  });
});

function refusalOf(fields: object): GatewayError {
  try {
    decode(fields);
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
  }
  throw new Error('It was not refused');
}
