import { Buffer } from 'node:buffer';

/** A vector as base64 of little-endian floats of 32 bits, in OpenAI's form: a quarter of the length of its decimal digits. */
export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
