import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { HttpError } from '../http/http-error.ts';
import { BodyTooLarge } from './body.ts';

/** Encodings of request bodies (RFC 9110 §8.4.1), decoded outside of the event loop. */
const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;

export const acceptedEncodings = 'gzip, deflate, br, zstd';

/** The encoding of a body. Undefined where there is none. Throws a 415 for one that is not accepted, and for several. */
export function encodingOf(header: string | undefined): keyof typeof decoders | undefined {
  const name = header?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return undefined;
  if (Object.hasOwn(decoders, name)) return name as keyof typeof decoders;
  const message = `Send the body with one Content-Encoding of ${acceptedEncodings}, or with none.`;
  throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', message, { 'accept-encoding': acceptedEncodings });
}

/** The decoded body, up to a size. */
export async function decompress(body: Buffer, encoding: keyof typeof decoders, maxBytes: number): Promise<Buffer> {
  try {
    return await decoders[encoding](body, { maxOutputLength: maxBytes });
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new BodyTooLarge();
    throw new HttpError(400, 'BAD_REQUEST', `The body is not valid ${encoding}, which its Content-Encoding names.`);
  }
}
