import type { Citation } from '../../core/completion.ts';
import { list, record, type Wire, word } from '../read-json.ts';

/** The sources that a candidate names: web pages that it searched, and texts that it repeats. */
export function citationsOf(candidate: Wire): readonly Citation[] {
  const grounded = list(record(candidate['groundingMetadata'])['groundingChunks']).map((chunk) => record(chunk)['web']);
  const metadata = record(candidate['citationMetadata']);
  // `citations` is how Vertex, and the SDK, call `citationSources`.
  const repeated = [...list(metadata['citationSources']), ...list(metadata['citations'])];
  return [...grounded, ...repeated].flatMap((source): Citation[] => {
    const { uri, title } = record(source);
    const url = word(uri);
    return url ? [{ url, title: word(title), text: undefined }] : [];
  });
}

/** The pieces of a stream repeat what was told before: each address counts once. */
export function addCitations(known: readonly Citation[], told: readonly Citation[]): readonly Citation[] {
  const addresses = new Set(known.map(({ url }) => url));
  const fresh = told.filter(({ url }) => !addresses.has(url) && addresses.add(url));
  return fresh.length === 0 ? known : [...known, ...fresh];
}
