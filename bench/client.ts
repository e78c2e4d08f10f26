import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { Asked } from './contestants.ts';

/** A minimal HTTP client: its own time is part of the measurement, so requests are prepared and responses are parsed later. */

export type Heard = {
  /** From the request to the piece that contains the mark, in milliseconds. */
  readonly markedMs: number;
  readonly endMs: number;
  /** Head and body, as they were on the wire. */
  readonly wire: string;
};

export type Connection = Disposable & {
  readonly socket: Socket;
  /** One request at a time. */
  ask(request: Buffer, mark?: string): Promise<Heard>;
};

export function toRequest(url: string, { path, headers, body }: Asked): Buffer {
  const { host, pathname } = new URL(url + path);
  const lines = Object.entries({ host, ...headers, 'content-length': Buffer.byteLength(body) });
  return Buffer.from(
    `POST ${pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}

export async function open(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return { socket, ask: (request, mark) => ask(socket, request, mark), [Symbol.dispose]: () => void socket.destroy() };
}

function ask(socket: Socket, request: Buffer, mark = '\r\n\r\n'): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let wire = '';
    let markedMs = Number.NaN;
    const leave = () => reject(new Error(`The connection closed after: ${wire.slice(0, 500)}`));
    const started = performance.now();
    socket.on('data', function hear(piece: Buffer) {
      wire += piece.toString('latin1');
      if (Number.isNaN(markedMs) && wire.includes(mark)) markedMs = performance.now() - started;
      if (!isComplete(wire)) return;
      const endMs = performance.now() - started;
      socket.off('data', hear).off('close', leave);
      resolve({ markedMs, endMs, wire });
    });
    socket.on('close', leave);
    socket.write(request);
  });
}

export function isComplete(wire: string): boolean {
  const { head, body } = split(wire);
  if (head === '') return false;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  // JSON holds no line breaks: these can only be the last chunk.
  return length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
}

export function split(wire: string): { readonly head: string; readonly body: string } {
  const end = wire.indexOf('\r\n\r\n');
  return end < 0 ? { head: '', body: '' } : { head: wire.slice(0, end), body: wire.slice(end + 4) };
}

/** The body of a chunked HTTP/1.1 response. */
export function dechunked(body: string): string {
  const pieces: string[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.slice(at, lineEnd), 16);
    if (lineEnd < 0 || !(length > 0)) return pieces.join('');
    pieces.push(body.slice(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}
