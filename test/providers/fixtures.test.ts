import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/core/completion.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { type Fixture, readFixtures } from '../support/fixtures.ts';
import { answerOf } from '../support/replay.ts';

/** Real answers of real providers, recorded by others, with values that an independent script found in them. */

const fixtures = readFixtures();
const adapters = new Map(builtInProviders.map((adapter) => [adapter.id, adapter]));

const codes: Record<number, string> = { 400: 'UPSTREAM_REJECTED', 429: 'UPSTREAM_RATE_LIMITED' };

function adapterOf({ provider }: Fixture) {
  const adapter = adapters.get(provider);
  if (!adapter) throw new Error(`No adapter for ${provider}`);
  return adapter;
}

describe.skipIf(fixtures.length === 0)('recorded answers (skipped where ../shared/fixtures is absent)', () => {
  const answers = fixtures.filter(({ kind }) => kind !== 'error');

  it.each(answers)('$file', async (fixture) => {
    const adapter = adapterOf(fixture);
    const answer =
      fixture.kind === 'stream'
        ? await answerOf(adapter, fixture.bytes)
        : adapter.decode(JSON.parse(fixture.bytes.toString()));
    expect(summaryOf(answer, fixture)).toEqual({
      text: fixture.text,
      reasoning: fixture.reasoning,
      finishReason: fixture.finishReason,
      rawFinishReason: fixture.rawFinishReason,
      usage: fixture.usage,
      toolCalls: fixture.toolCalls,
    });
    if (fixture.citations !== undefined) expect(answer.citations).toHaveLength(fixture.citations);
  });

  it.each(fixtures.filter(({ kind }) => kind === 'error'))('$file is a failure', (fixture) => {
    const failure = adapterOf(fixture).decodeFailure({
      status: fixture.status,
      headers: {},
      body: fixture.bytes.toString(),
    });
    expect(failure).toMatchObject({ code: codes[fixture.status], status: fixture.status });
    expect(failure.message).toContain(fixture.message);
  });

  it.each(answers.filter(({ kind }) => kind === 'stream'))('$file says the same in other pieces', async (fixture) => {
    const adapter = adapterOf(fixture);
    const everySeventh = Array.from({ length: Math.floor(fixture.bytes.length / 7) }, (_, index) => index * 7);
    expect(await answerOf(adapter, fixture.bytes, everySeventh)).toEqual(await answerOf(adapter, fixture.bytes));
  });
});

function summaryOf({ text, reasoning, finishReason, rawFinishReason, usage, toolCalls }: Answer, fixture: Fixture) {
  return {
    text: excerptOf(text, fixture.text),
    reasoning: excerptOf(reasoning, fixture.reasoning),
    finishReason,
    rawFinishReason,
    usage: usage && {
      input: usage.inputTokens,
      output: usage.outputTokens,
      total: usage.totalTokens,
      cached: usage.cacheReadInputTokens ?? 0,
      reasoning: usage.reasoningOutputTokens ?? 0,
    },
    toolCalls: toolCalls.map(({ name, arguments: json }) => ({ name, arguments: JSON.parse(json) })),
  };
}

function excerptOf(text: string, { start }: Fixture['text']): Fixture['text'] {
  return { start: text.slice(0, start.length), length: [...text].length };
}
