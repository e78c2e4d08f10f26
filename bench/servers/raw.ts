import { createServer } from 'node:http';
import { Agent } from 'undici';

/** A relay that forwards bytes without parsing them. */

const [, , port, upstream = ''] = process.argv;
const { origin, pathname } = new URL(`${upstream}/chat/completions`);
const agent = new Agent({ allowH2: false });

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', async () => {
    const answer = await agent.request({
      origin,
      path: pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
      body: Buffer.concat(pieces),
    });
    response.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
    answer.body.pipe(response);
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
