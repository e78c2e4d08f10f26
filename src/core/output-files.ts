import { Buffer } from 'node:buffer';
import type { Delta, OutputFile } from './completion.ts';

type FileDelta = Extract<Delta, { type: 'file' }>;

/** Puts the files of a stream together: sound comes in pieces, each with base64 of its own. */
export function createFileCollector() {
  const pieces = new Map<number, FileDelta[]>();
  return {
    add(delta: FileDelta): void {
      const known = pieces.get(delta.index);
      if (known) known.push(delta);
      else pieces.set(delta.index, [delta]);
    },
    files(): readonly OutputFile[] {
      return [...pieces].sort(([a], [b]) => a - b).map(([, deltas]) => join(deltas));
    },
  };
}

function join(deltas: readonly FileDelta[]): OutputFile {
  const [first, ...others] = deltas;
  const { mediaType = '', data = '' } = first ?? {};
  if (others.length === 0) return { mediaType, data };
  const bytes = Buffer.concat(deltas.map((delta) => Buffer.from(delta.data, 'base64')));
  return { mediaType, data: bytes.toString('base64') };
}
