import type { Citation } from '../../core/completion.ts';
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
