import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Reads a body of at most so many bytes: by what its header says first, and by counting if it says nothing. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  // The iterator would destroy the socket on leaving, and with it the answer that says why.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw new BodyTooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
