import type { IncomingMessage } from 'node:http';
import type { RequestedFeatures } from './canned-responses.ts';
import { readRequestedFeatures, toAimockBody } from './wires.ts';

/**
 * aimock hands its script a request with the messages and tools of any wire, but not what only some wires have: JSON
 * formats, tool choices, reasoning. They are read here from the body itself, before aimock reads it.
 */
const header = 'x-aimock-context';

/** Notes the wishes of a request in the one header that aimock passes on to the script. */
export async function attachFeatures(request: IncomingMessage): Promise<void> {
  await rewriteBody(request, (text) => {
    try {
      const path = request.url ?? '';
      const body: unknown = JSON.parse(text);
      request.headers[header] = JSON.stringify(readRequestedFeatures(path, body));
      return JSON.stringify(toAimockBody(path, body));
    } catch {
      // Not JSON: aimock says so itself.
      return text;
    }
  });
}

export function attachedFeatures(context: string | undefined): RequestedFeatures {
  return context === undefined ? {} : (JSON.parse(context) as RequestedFeatures);
}

/** Reads the whole body and puts what it becomes back, so that the next reader finds it as if nobody had read it. */
function rewriteBody(request: IncomingMessage, rewrite: (text: string) => string): Promise<void> {
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
      // Before the end is announced, which happens once the buffer is found empty.
      if (size > 0) request.unshift(rewrite(Buffer.concat(pieces).toString('utf8')));
      resolve();
    };
    request.on('readable', take);
    request.once('error', reject);
    request.once('close', () => reject(new Error('The caller left')));
  });
}
