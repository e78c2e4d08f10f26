import { createServer } from 'node:http';
import { createParser } from 'eventsource-parser';
import { Agent } from 'undici';

/** A hand-written relay: parses each provider event and writes a GraphQL event; events that arrive together are written together. */

const [, , port, upstream = ''] = process.argv;
const { origin, pathname } = new URL(`${upstream}/chat/completions`);
const agent = new Agent({ allowH2: false });

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', async () => {
    const { variables } = JSON.parse(Buffer.concat(pieces).toString()) as {
      variables: { input: { messages: { role: string; content: string }[] } };
    };
    const messages = variables.input.messages.map(({ role, content }) => ({ role: role.toLowerCase(), content }));
    const { body } = await agent.request({
      origin,
      path: pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
      body: JSON.stringify({ model: 'bench', messages, stream: true }),
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let out = '';
    const parser = createParser({
      onEvent({ data }) {
        if (data === '[DONE]') return;
        const { choices } = JSON.parse(data) as {
          choices: { delta: { content?: string }; finish_reason: string | null }[];
        };
        const [choice] = choices;
        if (choice?.delta.content) out += event({ __typename: 'ContentDelta', text: choice.delta.content });
        if (choice?.finish_reason) out += event({ __typename: 'CompletionFinished', finishReason: 'STOP' });
      },
    });
    const decoder = new TextDecoder();
    for await (const piece of body) {
      parser.feed(decoder.decode(piece as Buffer, { stream: true }));
      if (out) response.write(out);
      out = '';
    }
    response.end('event: complete\ndata:\n\n');
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));

function event(chatStream: object): string {
  return `event: next\ndata: ${JSON.stringify({ data: { chatStream } })}\n\n`;
}
