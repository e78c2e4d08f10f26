import type { Citation } from '../../core/completion.ts';
import { addCitations, placesOf } from '../add-citations.ts';
import { array, nonEmptyString, object, type WireObject } from '../read-json.ts';

/** The sources of a candidate: web pages that it searched and texts that it repeats. */
export function citationsOf(candidate: WireObject): readonly Citation[] {
  const grounded = array(object(candidate['groundingMetadata'])['groundingChunks']).map(
    (chunk) => object(chunk)['web'],
  );
  const metadata = object(candidate['citationMetadata']);
  // Vertex and the SDK call `citationSources` `citations`.
  const repeated = [...array(metadata['citationSources']), ...array(metadata['citations'])];
  return [...grounded, ...repeated].flatMap((source): Citation[] => {
    const { uri, title } = object(source);
    const url = nonEmptyString(uri);
    return url ? [{ url, title: nonEmptyString(title), text: undefined }] : [];
  });
}

/** Which text each search result supports: by chunk, in bytes of UTF-8. */
export type Support = { readonly url: string; readonly start: number; readonly end: number };

export function supportsOf(candidate: WireObject): readonly Support[] {
  const metadata = object(candidate['groundingMetadata']);
  const urls = array(metadata['groundingChunks']).map((chunk) => nonEmptyString(object(object(chunk)['web'])['uri']));
  return array(metadata['groundingSupports'])
    .map(object)
    .flatMap(({ segment, groundingChunkIndices }) => {
      const { startIndex = 0, endIndex } = object(segment);
      const { places: [place] = [] } = placesOf(startIndex, endIndex);
      return array(groundingChunkIndices).flatMap((index): Support[] => {
        const url = urls[Number(index)];
        return url && place ? [{ url, ...place }] : [];
      });
    });
}

/** The citations with their places, in characters of the text. */
export function withPlaces(
  citations: readonly Citation[],
  supports: readonly Support[],
  text: string,
): readonly Citation[] {
  if (supports.length === 0) return citations;
  const toIndex = byteIndex(text);
  const placed = supports.map(({ url, start, end }) => ({
    ...{ url, title: undefined, text: undefined },
    ...placesOf(toIndex(start), toIndex(end)),
  }));
  return addCitations(citations, placed);
}

/** From an index of bytes to one of UTF-16 units. */
function byteIndex(text: string): (bytes: number) => number {
  const ends: number[] = [];
  let units = 0;
  // One entry per byte: the place of the character that it belongs to.
  for (const character of text) {
    const bytes = bytesOf(character.codePointAt(0) ?? 0);
    for (let index = 0; index < bytes; index++) ends.push(units);
    units += character.length;
  }
  return (bytes) => ends[bytes] ?? units;
}

function bytesOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
