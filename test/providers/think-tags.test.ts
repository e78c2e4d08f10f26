import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderCompletion } from '../../src/core/completion.ts';
import { answerOf } from '../support/replay.ts';
import { wireNamed } from '../support/wires.ts';

/** Reasoning that open models write into their text. */

const plain = 'meta-llama/Llama-3.3-70B-Instruct';
const unopened = 'deepseek-ai/DeepSeek-R1-Distill-Llama-70B';

type Told = {
  readonly content: string;
  readonly reasoning?: string;
  readonly model?: string;
  readonly finish?: string;
};

function whole({ content, reasoning, model = plain, finish = 'stop' }: Told): unknown {
  const message = { role: 'assistant', content, ...(reasoning && { reasoning_content: reasoning }) };
  return { id: 'c-1', model, choices: [{ index: 0, message, finish_reason: finish }] };
}

function stream({ content, reasoning, model = plain, finish = 'stop' }: Told, cuts: readonly number[]): Buffer {
  const places = [0, ...new Set(cuts.filter((cut) => cut < content.length)), content.length].sort((a, b) => a - b);
  const pieces = places.slice(1).map((to, index) => ({ content: content.slice(places[index], to) }));
  const deltas = [
    { role: 'assistant', content: '' },
    ...(reasoning ? [{ reasoning_content: reasoning }] : []),
    ...pieces,
  ];
  const chunk = (delta: object, finish_reason: string | null) =>
    `data: ${JSON.stringify({ id: 'c-1', model, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const chunks = [...deltas.map((delta) => chunk(delta, null)), chunk({}, finish)];
  return Buffer.from(`${chunks.join('')}data: [DONE]\n\n`);
}

async function read(provider: string, told: Told): Promise<ProviderCompletion> {
  const { codec } = wireNamed(provider);
  const answer = codec.decode(whole(told));
  const everywhere = told.content.split('').map((_, index) => index);
  for (const cuts of [[], everywhere, ...everywhere.map((cut) => [cut])]) {
    expect(await answerOf(codec, stream(told, cuts))).toEqual(answer);
  }
  return answer;
}

describe.each(['deepinfra', 'perplexity'])('%s, whole and cut anywhere,', (provider) => {
  it.each<[string, Told, Pick<ProviderCompletion, 'reasoning' | 'text'>]>([
    ['parts thoughts from text', { content: '<think>why</think>Hi' }, { reasoning: 'why', text: 'Hi' }],
    [
      'keeps the white space between them',
      { content: '\n<think>\nwhy\n</think>\n\nHi\n' },
      { reasoning: '\nwhy\n', text: '\n\nHi\n' },
    ],
    ['knows empty thoughts', { content: '<think></think>Hi' }, { reasoning: '', text: 'Hi' }],
    [
      'takes thoughts that were cut off for thoughts',
      { content: '<think>why </thi', finish: 'length' },
      { reasoning: 'why </thi', text: '' },
    ],
    [
      'leaves a tag in the middle of a text alone',
      { content: 'Write <think>x</think> first.' },
      { reasoning: '', text: 'Write <think>x</think> first.' },
    ],
    [
      'leaves a second pair alone',
      { content: '<think>a</think>b<think>c</think>' },
      { reasoning: 'a', text: 'b<think>c</think>' },
    ],
    ['leaves other tags alone', { content: '<thinking>x' }, { reasoning: '', text: '<thinking>x' }],
    ['leaves the beginning of a tag alone', { content: ' <thin' }, { reasoning: '', text: ' <thin' }],
    [
      'leaves a closing tag alone that nothing opened',
      { content: 'a</think>b' },
      { reasoning: '', text: 'a</think>b' },
    ],
    [
      'looks for none where thoughts have a field of their own',
      { content: '<think>b', reasoning: 'a' },
      { reasoning: 'a', text: '<think>b' },
    ],
  ])('%s', async (_title, told, expected) => {
    expect(await read(provider, told)).toMatchObject(expected);
  });
});

describe('a model of deepinfra whose template writes the opening tag', () => {
  it.each<[string, Told, Pick<ProviderCompletion, 'reasoning' | 'text'>]>([
    ['begins inside its thoughts', { content: 'why</think>Hi' }, { reasoning: 'why', text: 'Hi' }],
    ['may write the tag all the same', { content: '<think>why</think>Hi' }, { reasoning: 'why', text: 'Hi' }],
    ['is cut off in its thoughts', { content: 'why <', finish: 'length' }, { reasoning: 'why <', text: '' }],
    ['loses no answer when it did not think at all', { content: 'Hi' }, { reasoning: 'Hi', text: 'Hi' }],
    [
      'has nothing to split when its host does it',
      { content: 'Hi', reasoning: 'why' },
      { reasoning: 'why', text: 'Hi' },
    ],
  ])('%s', async (_title, told, expected) => {
    expect(await read('deepinfra', { ...told, model: unopened })).toMatchObject(expected);
  });
});

it('has no reasoning where models do not write tags', async () => {
  const content = '<think>why</think>Hi';
  expect(await read('openai', { content })).toMatchObject({ reasoning: '', text: content });
});

it('is equal whole and streamed, and keeps every word, for any text and any cuts', async () => {
  const word = fc.constantFrom('<think>', '</think>', '<', '/think>', '<thin', ' ', 'a', 'b');
  const cuts = fc.array(fc.nat(60), { maxLength: 8 });
  const model = fc.constantFrom(plain, unopened);
  const wordsOf = (text: string) => text.replace(/[^ab]/g, '');
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 8 }), cuts, model, async (words, places, name) => {
      const told = { content: words.join(''), model: name, finish: 'length' };
      const answer = wireNamed('deepinfra').codec.decode(whole(told));
      expect(wordsOf(answer.reasoning + answer.text)).toBe(wordsOf(told.content));
      expect(await answerOf(wireNamed('deepinfra').codec, stream(told, places))).toEqual(answer);
    }),
  );
});
