import { expect, it } from 'vitest';
import { parseChatRequest } from '../../src/core/chat.ts';

it('a request with non-numeric lengths is refused as invalid', () => {
  const poison = { length: { toString: 1, valueOf: 1 } };
  for (const field of ['model', 'fallbacks', 'messages', 'stop', 'user']) {
    const input = { model: 'any/model', messages: [{ role: 'user', content: 'Hello' }], [field]: poison };
    expect(() => parseChatRequest(input), field).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => parseChatRequest({ ...input, [field]: [poison] }), field).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
  }
});

it('a request with deeply nested arguments of a tool call is refused as invalid', () => {
  const nested = (levels: number) => ({
    model: 'any/model',
    messages: [
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        toolCalls: [{ id: 'a', name: 'look', arguments: '{"a":'.repeat(levels) + 1 + '}'.repeat(levels) }],
      },
      { role: 'tool', toolCallId: 'a', content: 'Sunny' },
    ],
  });
  expect(() => parseChatRequest(nested(100))).not.toThrow();
  expect(() => parseChatRequest(nested(50_000))).toThrow(
    expect.objectContaining({
      code: 'INVALID_REQUEST',
      issues: [
        {
          path: 'messages[1].toolCalls[0].arguments',
          message: 'Expected JSON that is not nested too deeply (limit 100 levels)',
        },
      ],
    }),
  );
});
