import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/core/collect.ts';
import type { ProviderCompletion } from '../../src/core/completion.ts';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';

/** A replayed answer equals what the provider sent: its rules for reasoning hold. */

type Block = Readonly<Record<string, unknown>>;

const tools = [{ name: 'look' }];
const claude = wireNamed('anthropic').codecOf('claude-sonnet-4-6');

function nextRequest(answer: ProviderCompletion, codec = claude) {
  const { text: content, toolCalls, providerState } = answer;
  const results = toolCalls.map(({ id }) => ({ role: 'tool', toolCallId: id, content: 'r' }));
  const turn = { role: 'assistant', content, toolCalls, providerState };
  const more = results.length > 0 ? results : [{ role: 'user', content: 'and?' }];
  const messages = [{ role: 'user', content: 'q' }, turn, ...more];
  return codec.encode(request({ messages, tools, reasoningEffort: 'high' }), 'whole').body;
}

const blocks: fc.Arbitrary<readonly Block[]> = fc
  .array(fc.constantFrom('thinking', 'redacted_thinking', 'text', 'tool_use'), { minLength: 1, maxLength: 7 })
  .filter((types) => types.includes('text') || types.includes('tool_use'))
  // Adjacent texts are merged.
  .filter((types) => types.every((type, index) => type !== 'text' || types[index - 1] !== 'text'))
  .map((types) =>
    types.map((type, index): Block => {
      switch (type) {
        case 'thinking':
          return { type, thinking: `T${index}`, signature: `S${index}` };
        case 'redacted_thinking':
          return { type, data: `D${index}` };
        case 'text':
          return { type, text: `text ${index}.` };
        default:
          return { type, id: `t${index}`, name: 'look', input: { p: index } };
      }
    }),
  );

function streamOf(content: readonly Block[]): string[] {
  const start = {
    type: 'message_start',
    message: { id: 'm', type: 'message', content: [], usage: { input_tokens: 1 } },
  };
  const pieces = content.flatMap((block, index) => {
    const { type, thinking, signature, text, input } = block;
    const deltas = {
      thinking: [
        { type: 'thinking_delta', thinking },
        { type: 'signature_delta', signature },
      ],
      text: [{ type: 'text_delta', text }],
      tool_use: [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }],
      redacted_thinking: [],
    }[String(type)];
    const begun = { ...block, ...(thinking ? { thinking: '', signature: '' } : {}), ...(text ? { text: '' } : {}) };
    return [
      { type: 'content_block_start', index, content_block: type === 'tool_use' ? { ...block, input: {} } : begun },
      ...(deltas ?? []).map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
  });
  const end = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }];
  return [start, ...pieces, ...end, { type: 'message_stop' }].map((event) => JSON.stringify(event));
}

const modes: Readonly<Record<string, (content: readonly Block[]) => ProviderCompletion>> = {
  whole: (content) => claude.decode({ id: 'm', type: 'message', content, stop_reason: 'end_turn', usage: {} }),
  streamed: (content) => {
    const decoder = claude.decodeStream();
    return collect(streamOf(content).flatMap((data) => decoder.push({ event: undefined, data })));
  },
};

describe.each(Object.entries(modes))('Anthropic’s thinking (%s)', (_mode, read) => {
  it('is sent back in its places among texts and calls', () => {
    fc.assert(
      fc.property(blocks, (content) => {
        const [, turn] = nextRequest(read(content))['messages'] as { content: Block[] }[];
        const lastThinking = content.findLastIndex(({ type }) => String(type).endsWith('thinking'));
        expect(turn?.content.slice(0, lastThinking + 1)).toEqual(content.slice(0, lastThinking + 1));
        expect(turn?.content.filter(({ type }) => type === 'tool_use')).toEqual(
          content.filter(({ type }) => type === 'tool_use'),
        );
      }),
    );
  });
});

describe('DeepSeek’s reasoning', () => {
  const codec = wireNamed('deepseek').codecOf('deepseek-v4-pro');
  const message = { role: 'assistant', content: 'It is 7.', reasoning_content: 'it says 7' };
  const answer = codec.decode({ id: 'c', choices: [{ index: 0, message, finish_reason: 'stop' }] });

  it('is sent back with an answer without calls', () => {
    const [, turn] = nextRequest(answer, codec)['messages'] as Block[];
    expect(turn).toMatchObject({ content: 'It is 7.', reasoning_content: 'it says 7' });
  });

  it('is turned off where an earlier call lacks it', () => {
    const calls = { role: 'assistant', toolCalls: [{ id: 'c1', name: 'look', arguments: '{}' }] };
    const messages = [
      { role: 'user', content: 'q' },
      calls,
      { role: 'tool', toolCallId: 'c1', content: '7' },
      { role: 'user', content: 'and?' },
    ];
    const { body, warnings } = codec.encode(request({ messages, tools }), 'whole');
    expect(body).toMatchObject({ thinking: { type: 'disabled' } });
    expect(warnings).toMatchObject([{ option: 'reasoningEffort' }]);
    const known = [messages[0], { ...calls, reasoning: 'need look' }, ...messages.slice(2)];
    const echoed = codec.encode(request({ messages: known, tools }), 'whole').body;
    expect((echoed['messages'] as Block[])[1]).toMatchObject({ reasoning_content: 'need look' });
  });
});
