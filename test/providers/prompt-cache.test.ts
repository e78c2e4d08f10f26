import { describe, expect, it } from 'vitest';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';

/** What each wire is sent for promptCache and cacheBreakpoint. */

const marked = {
  messages: [
    { role: 'system', content: 'Long rules', cacheBreakpoint: true },
    { role: 'user', parts: [{ text: 'A book', cacheBreakpoint: true }, { text: 'A question' }] },
  ],
};

function encode(wire: string, input: Record<string, unknown>, model?: string) {
  const { codec, codecOf } = wireNamed(wire);
  return (model === undefined ? codec : codecOf(model)).encode(request(input), 'whole');
}

describe('Anthropic', () => {
  it('caches what it can where no place is named', () => {
    expect(encode('anthropic', { promptCache: {} }).body['cache_control']).toEqual({ type: 'ephemeral' });
    const long = encode('anthropic', { promptCache: { ttl: 'long', key: 'c1' } });
    expect(long.body['cache_control']).toEqual({ type: 'ephemeral', ttl: '1h' });
    expect(long.warnings).toMatchObject([{ option: 'promptCache', message: expect.stringContaining('key') }]);
    expect(encode('anthropic', {}).body).not.toHaveProperty('cache_control');
  });

  it('caches up to each breakpoint', () => {
    const { body } = encode('anthropic', { ...marked, promptCache: { ttl: 'long' } });
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    expect(body).not.toHaveProperty('cache_control');
    expect(body['system']).toEqual([{ type: 'text', text: 'Long rules', cache_control }]);
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A book', cache_control },
          { type: 'text', text: 'A question' },
        ],
      },
    ]);
  });

  it('marks results of tool calls and assistant messages, but no thinking', () => {
    const { body } = encode('anthropic', {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: 'I look.',
          cacheBreakpoint: true,
          toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }],
        },
        { role: 'tool', toolCallId: 'c1', content: 'found', cacheBreakpoint: true },
      ],
    });
    const [, assistant, user] = body['messages'] as { content: object[] }[];
    expect(assistant?.content.at(-1)).toMatchObject({ type: 'tool_use', cache_control: { type: 'ephemeral' } });
    expect(user?.content).toMatchObject([{ type: 'tool_result', cache_control: { type: 'ephemeral' } }]);
  });

  it('keeps the last four of more breakpoints', () => {
    const parts = Array.from({ length: 6 }, (_, at) => ({ text: `part ${at}`, cacheBreakpoint: true }));
    const { body, warnings } = encode('anthropic', { messages: [{ role: 'user', parts }] });
    const [{ content }] = body['messages'] as [{ content: object[] }];
    expect(content.map((block) => 'cache_control' in block)).toEqual([false, false, true, true, true, true]);
    expect(warnings).toMatchObject([{ option: 'messages' }]);
  });
});

describe('OpenAI', () => {
  it.each(['openai', 'openai-responses'])('takes a key and a lifetime by its models (%s)', (wire) => {
    const input = { promptCache: { key: 'c1', ttl: 'long' } };
    expect(encode(wire, input).body).toMatchObject({ prompt_cache_key: 'c1', prompt_cache_retention: '24h' });
  });

  it('takes options and breakpoints since GPT-5.6', () => {
    const { adapter } = wireNamed('openai');
    const codec = adapter.codecFor({ provider: 'openai', model: 'gpt-5.6', facts: undefined });
    const { body, warnings } = codec.encode(request({ ...marked, promptCache: { ttl: 'long' } }), 'whole');
    expect(body).toMatchObject({ prompt_cache_options: { ttl: '12h' } });
    expect(JSON.stringify(body)).toContain(
      '{"type":"input_text","text":"A book","prompt_cache_breakpoint":{"mode":"explicit"}}',
    );
    expect(JSON.stringify(body)).toContain('"text":"Long rules","prompt_cache_breakpoint"');
    expect(warnings).toEqual([]);
    expect(encode('openai', marked).warnings).toMatchObject([
      { option: 'messages', message: expect.stringContaining('cacheBreakpoint') },
    ]);
  });
});

it.each(['mistral', 'xai', 'xai-responses', 'deepinfra'])('%s takes a key', (wire) => {
  expect(encode(wire, { promptCache: { key: 'c1' } })).toMatchObject({
    body: { prompt_cache_key: 'c1' },
    warnings: [],
  });
});

it('Qwen takes breakpoints', () => {
  const { body, warnings } = encode('qwen', marked);
  expect(JSON.stringify(body)).toContain('{"type":"text","text":"A book","cache_control":{"type":"ephemeral"}}');
  expect(warnings).toEqual([]);
});

it.each(['google', 'deepseek', 'cohere', 'ai21', 'perplexity-responses'])(
  '%s leaves all of it out, and says so',
  (wire) => {
    const options = encode(wire, { ...marked, promptCache: { key: 'c1', ttl: 'long' } }).warnings.map(
      ({ option }) => option,
    );
    expect(options).toEqual(expect.arrayContaining(['promptCache', 'messages']));
  },
);
