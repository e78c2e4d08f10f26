import { describe, expect, it } from 'vitest';
import type { Codec } from '../../src/core/adapter.ts';
import { withAnswerChecks } from '../../src/core/answer-checks.ts';
import { collect, toEvents } from '../../src/core/collect.ts';
import type { ProviderCompletion } from '../../src/core/completion.ts';
import { wireNamed } from '../support/wires.ts';

/** Checks of every answer, on any wire, whole and streamed. */

const usage = (outputTokens: number) => ({
  inputTokens: 1,
  outputTokens,
  totalTokens: 1 + outputTokens,
  cacheReadInputTokens: undefined,
  cacheWriteInputTokens: undefined,
  reasoningOutputTokens: undefined,
});

function answer(fields: Partial<ProviderCompletion>): ProviderCompletion {
  const ending = { rawFinishReason: 'x', refusal: undefined, citations: [], usage: usage(5), providerState: undefined };
  const head = { id: 'a', model: 'm', created: undefined, text: '', reasoning: '', toolCalls: [] };
  return { ...head, finishReason: 'stop', ...ending, ...fields };
}

/** A codec that returns an answer unchanged. */
function codecOf(given: ProviderCompletion): Codec {
  const decoder = { push: () => [...toEvents(given)], end: () => [], usage: () => undefined };
  return { ...wireNamed('openai').codec, decode: () => given, decodeStream: () => decoder };
}

const modes = {
  whole: (given: ProviderCompletion) => withAnswerChecks(codecOf(given), 'acme').decode({}),
  stream: (given: ProviderCompletion) =>
    collect(withAnswerChecks(codecOf(given), 'acme').decodeStream().push({ event: undefined, data: '' })),
};

describe.each(Object.entries(modes))('an answer (%s)', (_mode, read) => {
  const call = (id: string, name = 'look') => ({ id, name, arguments: '{}' });

  it.each(['stop', 'other'] as const)('with calls never ends as %s', (finishReason) => {
    expect(read(answer({ finishReason, toolCalls: [call('a')] })).finishReason).toBe('tool_call');
  });

  it('that was cut inside its calls has the reason LENGTH', () => {
    expect(read(answer({ finishReason: 'length', toolCalls: [call('a')] })).finishReason).toBe('length');
  });

  it('without calls never ends as TOOL_CALL', () => {
    expect(read(answer({ finishReason: 'tool_call', text: 'Hi' })).finishReason).toBe('stop');
  });

  it('never has two calls of one id', () => {
    const { toolCalls } = read(answer({ toolCalls: [call('a'), call('a'), call('a_1'), call('a')] }));
    expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(4);
    expect(toolCalls[0]?.id).toBe('a');
  });

  it('with a call without a name is malformed', () => {
    expect(() => read(answer({ toolCalls: [call('a', '')] }))).toThrow(/tool call without a name/);
  });

  it.each(['stop', 'other', 'tool_call'] as const)('without any content is malformed: %s', (finishReason) => {
    expect(() => read(answer({ finishReason }))).toThrow(/sent no text/);
  });

  it('may be empty where no output tokens were billed, or its finish reason explains it', () => {
    expect(read(answer({ usage: usage(0) })).finishReason).toBe('stop');
    expect(read(answer({ usage: undefined })).finishReason).toBe('stop');
    expect(read(answer({ finishReason: 'length' })).finishReason).toBe('length');
    expect(read(answer({ finishReason: 'content_filter', refusal: 'No.' })).finishReason).toBe('content_filter');
  });
});
