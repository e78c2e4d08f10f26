import type { Citation, TextRange } from '../core/completion.ts';

/** Pieces of a stream repeat sources: each URL counts once, with all its places. */
export function addCitations(known: readonly Citation[], more: readonly Citation[]): readonly Citation[] {
  if (more.length === 0) return known;
  const byUrl = new Map(known.map((citation) => [citation.url, citation]));
  for (const citation of more) {
    const before = byUrl.get(citation.url);
    byUrl.set(citation.url, before ? withPlaces(before, citation.places) : citation);
  }
  return [...byUrl.values()];
}

function withPlaces(citation: Citation, more: readonly TextRange[] = []): Citation {
  const known = citation.places ?? [];
  const fresh = more.filter(({ start, end }) => !known.some((place) => place.start === start && place.end === end));
  return fresh.length === 0 ? citation : { ...citation, places: [...known, ...fresh] };
}

/** The place of an annotation, where both ends are given. */
export function placesOf(start: unknown, end: unknown): { readonly places?: readonly TextRange[] } {
  const isPlace =
    Number.isSafeInteger(start) && Number.isSafeInteger(end) && Number(start) >= 0 && Number(end) > Number(start);
  return isPlace ? { places: [{ start: Number(start), end: Number(end) }] } : {};
}
