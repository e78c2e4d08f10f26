/** The provider's answers in OpenAI's form: a short whole answer, and a stream of two hundred chunks. */

const model = 'bench';
const head = { id: 'chatcmpl-bench', created: 1_760_000_000, model };

const prose = `Write the number of the hour on a slip of paper, fold it twice, and put it under the third stone from the gate.
Nobody reads it there, and rain will have taken it by morning. The point of the exercise is not the message but the walk:
forty minutes through wet grass, past the mill, with nothing to decide. Most people find an answer to some other question on the way.`;

/** English, split into pieces as models send them: a word with the space before it, long words in two pieces. */
const words = prose.replaceAll('\n', ' ').match(/ ?[A-Za-z]{1,7}|[.,:]/g) ?? [];

/** The given number of pieces; the prose repeats when it ends. */
export function tokensOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => words[index % words.length] ?? '');
}

export const chunkCount = 200;
export const tokens = tokensOf(chunkCount);
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

export const opening = chunk({ role: 'assistant', content: '' });

export const ending = [
  chunk({}, 'stop'),
  `data: ${JSON.stringify({ ...head, choices: [], usage: { prompt_tokens: 5, completion_tokens: chunkCount, total_tokens: 5 + chunkCount } })}\n\n`,
  'data: [DONE]\n\n',
].join('');

export const burst = [opening, ...tokens.map((content) => chunk({ content })), ending].join('');

/** The text of an answer of any face or provider. No character of it needs escaping. */
export function textOf(body: string): string {
  return [...body.matchAll(/"(?:text|content)":"([^"]*)"/g)].map(([, piece]) => piece).join('');
}
