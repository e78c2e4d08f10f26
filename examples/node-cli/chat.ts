import { createInterface } from 'node:readline/promises';
import { ChatError, createParley, type MessageInput } from 'parley-client';

/** A chat at a terminal. Ctrl-C stops an answer, and the program where none is written. */

const url = process.env['PARLEY_URL'] ?? 'http://127.0.0.1:4000/graphql';
const key = process.env['PARLEY_KEY'];
const model = process.argv[2] ?? 'openai/gpt-4o';

const parley = createParley({ url, headers: key ? { authorization: `Bearer ${key}` } : {} });
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const messages: MessageInput[] = [];

process.stdout.write('> ');
for await (const content of terminal) {
  const stream = parley.stream({ model, messages: [...messages, { role: 'USER', content }] });
  const stop = () => stream.stop();
  terminal.once('SIGINT', stop);
  try {
    const { text } = await stream.toCompletion((event) => {
      if (event.__typename === 'ContentDelta') process.stdout.write(event.text);
    });
    messages.push({ role: 'USER', content }, { role: 'ASSISTANT', content: text });
  } catch (thrown) {
    if (!(thrown instanceof ChatError)) throw thrown;
    process.stdout.write(`\n${thrown.code}: ${thrown.message}`);
  }
  terminal.off('SIGINT', stop);
  process.stdout.write('\n> ');
}
