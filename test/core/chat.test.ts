import { expect, it } from 'vitest';
import { parseChatRequest } from '../../src/core/chat.ts';

it('a request with lengths that are no numbers is refused like any other', () => {
  const poison = { length: { toString: 1, valueOf: 1 } };
  for (const field of ['model', 'fallbacks', 'messages', 'stop', 'user']) {
    const input = { model: 'any/model', messages: [{ role: 'user', content: 'Hello' }], [field]: poison };
    expect(() => parseChatRequest(input), field).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => parseChatRequest({ ...input, [field]: [poison] }), field).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
  }
});
