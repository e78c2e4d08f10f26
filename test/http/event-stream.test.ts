import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEventStream } from '../../src/http/event-stream.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** Server-sent events on the wire, for readers of frames and of plain bytes. */

const words = ['data: Grüße\n\n', 'data: 世界 🌍\n\n', `data: ${'x'.repeat(40_000)}\n\n`];
let server: Server;

beforeEach(async () => {
  server = createServer(async (_request, response) => {
    const events = createEventStream(response, { clock: createFakeClock(), heartbeatMs: 1_000 });
    for (const word of words) {
      await events.write(word);
      await new Promise((resolve) => setImmediate(resolve));
    }
    events.end();
    events.stop();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
});

/** All data until the server closes the connection. */
async function wireOf(...requests: readonly string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(requests.join(''));
  return Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>)).toString();
}

it('are unframed for an HTTP/1.0 client, and end with the connection', async () => {
  const [head = '', body] = (await wireOf('GET / HTTP/1.0\r\n\r\n')).split('\r\n\r\n');
  expect(head).not.toMatch(/transfer-encoding/i);
  expect(body).toBe(words.join(''));
});

it('are chunked for others, whose connection is reused', async () => {
  const ask = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  const wire = await wireOf(ask, ask.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'));
  const answers = wire.split(/(?=HTTP\/1\.1 200)/);
  expect(answers).toHaveLength(2);
  for (const answer of answers) {
    const [head = '', ...rest] = answer.split('\r\n\r\n');
    expect(head).toMatch(/transfer-encoding: chunked/i);
    expect(unframed(Buffer.from(rest.join('\r\n\r\n')))).toBe(words.join(''));
  }
});

/** RFC 9112 §7.1. Throws for incomplete framing. */
function unframed(bytes: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    expect(bytes.toString('latin1', end, end + 2)).toBe('\r\n');
    if (size === 0) {
      expect(end + 2).toBe(bytes.length);
      return Buffer.concat(pieces).toString();
    }
    pieces.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
