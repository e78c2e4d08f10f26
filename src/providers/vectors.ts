import { GatewayError } from '../core/errors.ts';
import { array } from './read-json.ts';

/** Reads the vectors of an answer. Throws UPSTREAM_MALFORMED for anything but finite numbers. */
export function readVectors(provider: string, list: readonly unknown[]): readonly (readonly number[])[] {
  return list.map((vector) => {
    const numbers = typeof vector === 'string' ? fromBase64(vector) : array(vector);
    if (numbers.length === 0 || !numbers.every(isFiniteNumber)) {
      throw new GatewayError('UPSTREAM_MALFORMED', `${provider} sent an embedding that is no list of numbers.`);
    }
    return numbers;
  });
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Little-endian floats of 32 bits, as OpenAI has them. */
function fromBase64(text: string): readonly number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}
