import { Buffer } from 'node:buffer';

/** A picture and a sound that are the same for every prompt. */

/** One green pixel as PNG, in base64. */
export const samplePicture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==';

const sampleRate = 24_000;

/** A fifth of a second of the note A, 16 bit. */
function samples(): Buffer {
  const count = sampleRate / 5;
  const bytes = Buffer.alloc(count * 2);
  for (let at = 0; at < count; at++) {
    bytes.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * 440 * at) / sampleRate)), at * 2);
  }
  return bytes;
}

/** As WAV, or for "pcm16" without a head. Other formats are no different from WAV here. */
export function sampleSound(format: string): Buffer {
  const data = samples();
  if (format === 'pcm16') return data;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
