import { describe, expect, it } from 'vitest';
import { beginAnswer, measuresOf, withEnd, withEvent } from '../../src/page/client/answer.ts';
import { type Draft, toChatInput } from '../../src/page/client/draft.ts';
import { withRun } from '../../src/page/client/history.ts';

const draft: Draft = {
  prompt: 'What is this?',
  system: '',
  temperature: '0,5',
  maxTokens: '',
  image: { name: 'dot.png', url: 'data:image/png;base64,AAAA' },
  models: ['openai/gpt-4o'],
};

describe('the request of the page', () => {
  it('has the typed values, and nothing for empty fields', () => {
    expect(toChatInput(draft, 'openai/gpt-4o', 'id')).toEqual({
      model: 'openai/gpt-4o',
      messages: [
        { role: 'USER', parts: [{ text: 'What is this?' }, { image: { url: 'data:image/png;base64,AAAA' } }] },
      ],
      temperature: 0.5,
      requestId: 'id',
    });
  });
});

describe('the history of the page', () => {
  const answer = beginAnswer(toChatInput(draft, 'openai/gpt-4o', 'id'), 0);

  it('stores no image, and says so: repeated without it, the request would differ', () => {
    const [run] = withRun([], { id: '1', at: '2026-01-01T00:00:00Z', draft, answers: [answer] });
    expect(JSON.stringify(run)).not.toContain('base64');
    expect(run?.answers[0]).toMatchObject({ input: { messages: [{ content: 'What is this?' }] }, lacksImage: true });
  });

  it('has twenty runs, the newest first, each once', () => {
    const runOf = (id: number) => ({ id: String(id), at: '2026-01-01T00:00:00Z', draft, answers: [] });
    const runs = Array.from({ length: 25 }, (_, id) => runOf(id)).reduce(withRun, []);
    expect(runs.map(({ id }) => Number(id))).toEqual(Array.from({ length: 20 }, (_, index) => 24 - index));
    expect(
      withRun(runs, runOf(10))
        .map(({ id }) => id)
        .filter((id) => id === '10'),
    ).toHaveLength(1);
  });
});

describe('the measurements of the page', () => {
  const begun = beginAnswer(toChatInput(draft, 'openai/gpt-4o', 'id'), 1000);
  const written = withEvent(begun, { __typename: 'ContentDelta', text: 'x'.repeat(40), cursor: '' }, 1200);

  it('are estimates while an answer streams, from its first content on', () => {
    expect(measuresOf(written, 2200)).toMatchObject({
      firstTokenMs: 200,
      outputTokens: 10,
      tokensPerSecond: 10,
      isGuess: true,
    });
  });

  it('end with the answer, and a second end changes nothing', () => {
    const stopped = withEnd(written, { __typename: 'Stopped' }, 1500);
    const again = withEnd(stopped, { __typename: 'Broken', code: undefined, message: 'Gone' }, 9000);
    expect(again).toEqual(stopped);
    expect(measuresOf(again, 9000).elapsedMs).toBe(500);
  });
});
