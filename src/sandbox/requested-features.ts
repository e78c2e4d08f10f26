import type { IncomingMessage } from 'node:http';
import type { RequestedFeatures } from './canned-responses.ts';
import { type EmbeddingSize, embeddingsAnswer } from './embeddings.ts';
import { readWanted, type Wanted } from './wanted.ts';
import { modelOf, readRequestedFeatures, toAimockBody } from './wires.ts';

/**
 * aimock passes messages and tools of any wire to the script, but not JSON formats, tool choices and reasoning. They
 * are read here from the body, before aimock reads it.
 */
const header = 'x-aimock-context';

/** The model of a request, and the most that it may write. */
export type AskedModel = {
  readonly model: string;
  readonly maxTokens: number | undefined;
  /** What aimock cannot answer. */
  readonly wanted: Wanted | undefined;
  /** The whole answer of a request for embeddings. */
  readonly embeddings?: object;
};

/** Attaches the requested features in the one header that aimock passes to the script. */
export async function attachFeatures(
  request: IncomingMessage,
  embeddingModels: readonly EmbeddingSize[],
): Promise<AskedModel> {
  let asked: AskedModel = { model: '', maxTokens: undefined, wanted: undefined };
  await rewriteBody(request, (text) => {
    try {
      const path = request.url ?? '';
      const body: unknown = JSON.parse(text);
      const embeddings = embeddingsAnswer(path, body, embeddingModels);
      if (embeddings) {
        asked = { ...asked, embeddings };
        return text;
      }
      const features = readRequestedFeatures(path, body);
      request.headers[header] = JSON.stringify(features);
      asked = { model: modelOf(path, body), maxTokens: features.maxTokens, wanted: readWanted(path, body) };
      return JSON.stringify(toAimockBody(path, body));
    } catch {
      // Invalid JSON: aimock reports it.
      return text;
    }
  });
  return asked;
}

export function attachedFeatures(context: string | undefined): RequestedFeatures {
  return context === undefined ? {} : (JSON.parse(context) as RequestedFeatures);
}

/** Reads the whole body and puts the rewritten one back for the next reader. */
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
    request.once('close', () => reject(new Error('The client disconnected')));
  });
}
