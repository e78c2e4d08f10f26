import type { IncomingMessage } from 'node:http';
import type { Wishes } from './answers.ts';
import { readWishes } from './wires.ts';

/**
 * aimock hands its script a request with the messages and tools of any wire, but not what only some wires have: JSON
 * formats, tool choices, reasoning. They are read here from the body itself, before aimock reads it.
 */
const header = 'x-aimock-context';

/** Notes the wishes of a request in the one header that aimock passes on to the script. */
export async function noteWishes(request: IncomingMessage): Promise<void> {
  const body = await peekBody(request);
  try {
    request.headers[header] = JSON.stringify(readWishes(request.url ?? '', JSON.parse(body.toString('utf8'))));
  } catch {
    // Not JSON: aimock says so itself.
  }
}

export function notedWishes(context: string | undefined): Wishes {
  return context === undefined ? {} : (JSON.parse(context) as Wishes);
}

/** Reads the whole body and puts it back, so that the next reader finds it untouched. */
function peekBody(request: IncomingMessage): Promise<Buffer> {
  const expected = Number(request.headers['content-length'] ?? 0);
  const pieces: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const take = () => {
      for (let piece: Buffer | null = request.read(); piece !== null; piece = request.read()) {
        pieces.push(piece);
        size += piece.length;
      }
      if (size < expected) return;
      request.off('readable', take);
      const body = Buffer.concat(pieces);
      // Before the end is announced, which happens once the buffer is found empty.
      if (size > 0) request.unshift(body);
      resolve(body);
    };
    request.on('readable', take);
    request.once('error', reject);
    request.once('close', () => reject(new Error('The caller left')));
  });
}
