import { openAiStream, startProvider } from '../support/provider-server.ts';

/** A provider in a process of its own that takes the given milliseconds for a stream of the given number of words. */

const [, , ms = '400', words = '20'] = process.argv;

const provider = await startProvider((_request, response) => {
  const events = openAiStream(Array.from({ length: Number(words) }, () => 'word ')).split(/(?<=\n\n)/);
  const pace = Number(ms) / Number(words);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const talk = setInterval(() => {
    response.write(events.shift() ?? '');
    // The end is sent together with the last word.
    if (events.length > 3) return;
    clearInterval(talk);
    response.end(events.join(''));
  }, pace);
  response.once('close', () => clearInterval(talk));
});
process.send?.(provider.url);
