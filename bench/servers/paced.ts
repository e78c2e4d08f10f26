import { createServer } from 'node:http';
import { chunk, ending } from '../answers.ts';

/** A provider whose streams have a pace: the model says how many chunks there are in a second, or "quiet" for none. */

const open = new Set<object>();
/** When the connection of a stream closed, by the user of its request. */
const closed = new Map<string, number>();

const server = createServer((request, response) => {
  if (request.url === '/open') return void response.end(String(open.size));
  if (request.url?.startsWith('/closed/')) return void response.end(String(closed.get(request.url.slice(8)) ?? ''));
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', () => {
    const { model, user = '' } = JSON.parse(body) as { model: string; user?: string };
    open.add(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: '' }) + chunk({ content: '.' }));
    const [, perSecond = 0, seconds = 1] = /^paced-(\d+)-(\d+)$/.exec(model)?.map(Number) ?? [];
    let left = perSecond * seconds;
    const talk = perSecond > 0 ? setInterval(tell, 1000 / perSecond) : undefined;
    function tell() {
      left -= 1;
      // The time at which it was sent, for whoever reads it.
      response.write(chunk({ content: `${process.hrtime.bigint() / 1000n} ` }));
      if (left > 0) return;
      clearInterval(talk);
      response.end(ending);
    }
    response.once('close', () => {
      clearInterval(talk);
      open.delete(response);
      if (user) closed.set(user, Date.now() + (performance.now() % 1));
    });
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', 8192, () => console.log('ready'));
