import { type MediaKind, toMediaType } from '../core/media.ts';

/** Types of fetched media, by their headers and, where it has a signature, by the first bytes of a file. */

type Signature = readonly (readonly [offset: number, bytes: string])[];

const signatures: Readonly<Record<string, readonly Signature[]>> = {
  'image/png': [[[0, '\x89PNG\r\n\x1a\n']]],
  'image/jpeg': [[[0, '\xff\xd8\xff']]],
  'image/gif': [[[0, 'GIF87a']], [[0, 'GIF89a']]],
  'application/pdf': [[[0, '%PDF-']]],
  'image/webp': [
    [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  ],
};

/** Types that a server may give to anything. */
const vague: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * The type of fetched media, if it is of the requested kind and the bytes agree with it. `declared` counts where the server
 * names none.
 */
export function fetchedType(
  kind: MediaKind,
  contentType: string,
  declared: string | undefined,
  bytes: Buffer,
): string | undefined {
  const named = toMediaType(contentType);
  const type = vague.has(named) ? (declared ?? '') : named;
  const known = signatures[type];
  if (known) return belongs(kind, type) && known.some((signature) => matches(bytes, signature)) ? type : undefined;
  return kind !== 'image' && belongs(kind, type) ? type : undefined;
}

function belongs(kind: MediaKind, type: string): boolean {
  if (kind === 'file') return type.startsWith('text/') ? type !== 'text/html' : type.startsWith('application/');
  return type.startsWith(`${kind}/`);
}

function matches(bytes: Buffer, signature: Signature): boolean {
  return signature.every(
    ([offset, expected]) => bytes.toString('latin1', offset, offset + expected.length) === expected,
  );
}
