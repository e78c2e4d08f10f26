import { describe, expect, it } from 'vitest';
import type { ProviderCompletion, ProviderEvent } from '../../src/core/completion.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { decodeBatches } from '../../src/core/stream.ts';
import { serverSentEvents } from '../../src/upstream/sse.ts';
import { type Fixture, readFixtures } from '../support/fixtures.ts';
import { answerOf, inPieces } from '../support/replay.ts';
import { wireNamed } from '../support/wires.ts';

/** Real answers of real providers, recorded by others, with values that an independent script extracted. */

const fixtures = readFixtures();

/** The meaning of their words for a failure. */
const failures: Readonly<Record<string, object>> = {
  insufficient_quota: { code: 'UPSTREAM_BILLING', retryable: false },
  server_error: { code: 'UPSTREAM_ERROR', retryable: true },
  internal_error: { code: 'UPSTREAM_ERROR', retryable: true },
};

const codes: Record<number, string> = { 400: 'UPSTREAM_REJECTED', 429: 'UPSTREAM_RATE_LIMITED' };

function codecOf({ wire }: Fixture) {
  return wireNamed(wire).codec;
}

describe.skipIf(fixtures.length === 0)('recorded answers (skipped where ../shared/fixtures is absent)', () => {
  const answers = fixtures.filter(({ kind, failure }) => kind !== 'error' && failure === undefined);

  it.each(answers)('$file', async (fixture) => {
    const codec = codecOf(fixture);
    const answer =
      fixture.kind === 'stream'
        ? await answerOf(codec, fixture.bytes)
        : codec.decode(JSON.parse(fixture.bytes.toString()));
    expect(summaryOf(answer, fixture)).toEqual({
      text: fixture.text,
      reasoning: fixture.reasoning,
      finishReason: fixture.finishReason,
      rawFinishReason: fixture.rawFinishReason,
      usage: fixture.usage,
      toolCalls: fixture.toolCalls,
    });
    if (fixture.citations !== undefined) expect(answer.citations).toHaveLength(fixture.citations);
    if (fixture.refusal !== undefined) expect(answer.refusal).toBe(fixture.refusal);
  });

  it.each(fixtures.filter(({ failure }) => failure !== undefined))('$file fails after HTTP 200', async (fixture) => {
    const codec = codecOf(fixture);
    const told: ProviderEvent[] = [];
    const read = async () => {
      if (fixture.kind === 'whole') return void codec.decode(JSON.parse(fixture.bytes.toString()));
      const batches = decodeBatches(codec.decodeStream(), serverSentEvents(inPieces(fixture.bytes)));
      for await (const batch of toAsyncIterable(batches)) told.push(...batch);
    };
    await expect(read()).rejects.toMatchObject({ name: 'GatewayError', ...failures[fixture.failure ?? ''] });
    const text = told.map((event) => (event.type === 'content' ? event.text : '')).join('');
    expect(excerptOf(text, fixture.text)).toEqual(fixture.text);
  });

  it.each(fixtures.filter(({ kind }) => kind === 'error'))('$file is a failure', (fixture) => {
    const failure = codecOf(fixture).decodeFailure({
      status: fixture.status,
      headers: {},
      body: fixture.bytes.toString(),
    });
    expect(failure).toMatchObject({ code: codes[fixture.status], status: fixture.status });
    expect(failure.message).toContain(fixture.message);
  });

  it.each(answers.filter(({ kind }) => kind === 'stream'))('$file is equal in other pieces', async (fixture) => {
    const codec = codecOf(fixture);
    const everySeventh = Array.from({ length: Math.floor(fixture.bytes.length / 7) }, (_, index) => index * 7);
    expect(await answerOf(codec, fixture.bytes, everySeventh)).toEqual(await answerOf(codec, fixture.bytes));
  });
});

function summaryOf(
  { text, reasoning, finishReason, rawFinishReason, usage, toolCalls }: ProviderCompletion,
  fixture: Fixture,
) {
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
      written: usage.cacheWriteInputTokens ?? 0,
      reasoning: usage.reasoningOutputTokens ?? 0,
    },
    toolCalls: toolCalls.map(({ name, arguments: json }) => ({ name, arguments: JSON.parse(json) })),
  };
}

function excerptOf(text: string, { start }: Fixture['text']): Fixture['text'] {
  return { start: text.slice(0, start.length), length: [...text].length };
}
