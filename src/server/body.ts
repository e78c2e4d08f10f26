import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Reads a body of at most so many bytes: by what its header says first, and by counting if it says nothing. One that is
 * larger is not read on, and its connection stays open for the answer that says why.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(new BodyTooLarge());
    let pieces: Buffer[] = [];
    let size = 0;
    request
      .on('data', (piece: Buffer) => {
        size += piece.length;
        if (size <= maxBytes) return pieces.push(piece);
        request.pause();
        return reject(new BodyTooLarge());
      })
      .on('end', () => {
        const [first, ...others] = pieces;
        resolve((first && others.length === 0 ? first : Buffer.concat(pieces)).toString('utf8'));
        // The request lives as long as its answer, and holds what listens to it.
        pieces = [];
      })
      .on('error', reject)
      .on('close', () => {
        if (!request.complete) reject(new Error('The connection was closed before the body was complete'));
      });
  });
}
