/** Image types that all providers read, by the first bytes of a file. */

type Signature = readonly (readonly [offset: number, bytes: string])[];

const signatures: Readonly<Record<string, readonly Signature[]>> = {
  'image/png': [[[0, '\x89PNG\r\n\x1a\n']]],
  'image/jpeg': [[[0, '\xff\xd8\xff']]],
  'image/gif': [[[0, 'GIF87a']], [[0, 'GIF89a']]],
  'image/webp': [
    [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  ],
};

/** The type, if it is supported and the bytes agree with it. */
export function toImageType(contentType: string, image: Buffer): string | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isOne = signatures[type]?.some((signature) =>
    signature.every(([offset, bytes]) => image.toString('latin1', offset, offset + bytes.length) === bytes),
  );
  return isOne ? type : undefined;
}
