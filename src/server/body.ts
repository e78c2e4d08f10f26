import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Reads a body up to a size: by Content-Length first, and by counting without it. A larger body is not read on, and its
 * connection stays open for the error. `onBytes` hears of every piece before it is kept, and refuses the body by throwing.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  onBytes: (bytes: number) => void = () => {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(new BodyTooLarge());
    let pieces: Buffer[] = [];
    let size = 0;
    const refuse = (reason: unknown) => {
      request.pause();
      pieces = [];
      reject(reason);
    };
    request
      .on('data', (piece: Buffer) => {
        size += piece.length;
        if (size > maxBytes) return refuse(new BodyTooLarge());
        try {
          onBytes(piece.length);
        } catch (thrown) {
          return refuse(thrown);
        }
        return pieces.push(piece);
      })
      .on('end', () => {
        const [first, ...others] = pieces;
        resolve(first && others.length === 0 ? first : Buffer.concat(pieces));
        // The request object lives as long as its response; its listeners must not hold the body.
        pieces = [];
      })
      .on('error', reject)
      .on('close', () => {
        if (!request.complete) reject(new Error('The connection was closed before the body was complete'));
      });
  });
}
