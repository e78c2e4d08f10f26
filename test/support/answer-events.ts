import fc from 'fast-check';
import type { ChatEvent } from '../../src/core/completion.ts';

/** Events of answers as the core emits them, for the laws of faces. */

export const started: ChatEvent = {
  type: 'started',
  streamId: 's-1',
  id: 'msg_1',
  provider: 'acme',
  model: 'm-2',
  created: new Date(1_760_000_000_000),
  isSandbox: false,
  timeToFirstTokenMs: 4,
  overheadMs: 0.5,
};
export const finished: Extract<ChatEvent, { type: 'finished' }> = {
  type: 'finished',
  finishReason: 'stop',
  rawFinishReason: 'end',
  refusal: undefined,
  citations: [],
  usage: {
    inputTokens: 9,
    outputTokens: 2,
    totalTokens: 11,
    cacheReadInputTokens: 3,
    cacheWriteInputTokens: 2,
    reasoningOutputTokens: 1,
  },
  providerState: undefined,
  cost: undefined,
  warnings: [],
  attempts: [],
  latencyMs: 10,
  timeToFirstTokenMs: 4,
  overheadMs: 0.75,
};

const text = fc.string({ minLength: 1, maxLength: 12 });
type Calls = readonly { readonly name: string; readonly arguments: Record<string, string> }[];
export const content = fc.record({
  texts: fc.array(fc.record({ type: fc.constantFrom('content' as const, 'reasoning' as const), text }), {
    maxLength: 6,
  }),
  calls: fc.array(
    fc.record({ name: fc.constantFrom('f', 'g'), arguments: fc.dictionary(text, text, { maxKeys: 3 }) }),
    {
      maxLength: 4,
    },
  ),
  pieceChars: fc.integer({ min: 1, max: 7 }),
  isInterleaved: fc.boolean(),
  providerState: fc.option(fc.constant('eyJwcm92aWRlciI6ImFjbWUifQ'), { nil: undefined }),
});

/** Deltas of calls one after another, or of all calls in turns. */
export function callDeltas(calls: Calls, pieceChars: number, isInterleaved: boolean): ChatEvent[] {
  const pieces = calls.flatMap(({ name, arguments: input }, index) => {
    const json = JSON.stringify(input);
    return Array.from({ length: Math.ceil(json.length / pieceChars) }, (_, place) => ({
      place,
      event: {
        type: 'tool_call' as const,
        index,
        id: `c${index}`,
        name,
        argumentsDelta: json.slice(place * pieceChars, (place + 1) * pieceChars),
      },
    }));
  });
  if (isInterleaved) pieces.sort((a, b) => a.place - b.place || a.event.index - b.event.index);
  return pieces.map(({ event }) => event);
}
