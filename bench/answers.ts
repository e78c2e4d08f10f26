/** What the provider answers, in OpenAI's form: a short whole answer, and one of two hundred chunks. */

const model = 'bench';
const head = { id: 'chatcmpl-bench', created: 1_760_000_000, model };

export const chunkCount = 200;
export const tokens = Array.from({ length: chunkCount }, (_, index) => ` word${index % 10}`);
export const text = tokens.join('');
export const wholeText = 'Hello there, how can I help you today?';

export const whole = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: wholeText }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 9, total_tokens: 14 },
});

export function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices })}\n\n`;
}

export const ending = [
  chunk({}, 'stop'),
  `data: ${JSON.stringify({ ...head, choices: [], usage: { prompt_tokens: 5, completion_tokens: chunkCount, total_tokens: 5 + chunkCount } })}\n\n`,
  'data: [DONE]\n\n',
].join('');

export const burst = [
  chunk({ role: 'assistant', content: '' }),
  ...tokens.map((content) => chunk({ content })),
  ending,
].join('');
