import { startProvider } from '../support/provider-server.ts';

/** A provider that writes as fast as it is read, and never ends. */
export function startEndlessProvider() {
  const event = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'x'.repeat(4_000) } }] })}\n\n`;
  const chunk = Buffer.from(event.repeat(4));
  return startProvider((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
}
