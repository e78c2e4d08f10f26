import type { Citation } from '../../core/completion.ts';
import { list, record, type Wire, word } from '../read-json.ts';

/** Collects what an answer rests on: what the provider's own searches found, and what stands beside the text. */
export type Sources = {
  /** The results of a search, in the order of the marks [1], [2] in the text. */
  found(place: number, results: unknown): void;
  add(place: number, part: number, annotation: Wire): void;
  /** All annotations of a part. Some servers tell them here alone, others one by one before. */
  complete(place: number, part: number, annotations: unknown): void;
  /** In the order of the output. What a search found is not named again. */
  citations(): readonly Citation[];
};

export function createSources(): Sources {
  const results = new Map<number, readonly Citation[]>();
  const annotations = new Map<number, Map<number, readonly Wire[]>>();

  function partsOf(place: number): Map<number, readonly Wire[]> {
    const known = annotations.get(place) ?? new Map();
    annotations.set(place, known);
    return known;
  }

  return {
    found: (place, some) => void results.set(place, list(some).map(record).flatMap(resultCitation)),
    add(place, part, annotation) {
      const parts = partsOf(place);
      parts.set(part, [...(parts.get(part) ?? []), annotation]);
    },
    complete(place, part, some) {
      const told = list(some).map(record);
      const parts = partsOf(place);
      if (told.length > (parts.get(part)?.length ?? 0)) parts.set(part, told);
    },
    citations() {
      const found = inOrder(results).flatMap(([, some]) => some);
      const urls = new Set(found.map(({ url }) => url));
      const named = inOrder(annotations)
        .flatMap(([, parts]) => inOrder(parts).flatMap(([, some]) => some))
        .flatMap(annotationCitation);
      return [...found, ...named.filter(({ url }) => !urls.has(url))];
    },
  };
}

function resultCitation({ url, title, snippet }: Wire): Citation[] {
  const address = word(url);
  return address ? [{ url: address, title: word(title), text: word(snippet) }] : [];
}

function annotationCitation({ type, url, title }: Wire): Citation[] {
  const address = word(url);
  return type === 'url_citation' && address ? [{ url: address, title: word(title), text: undefined }] : [];
}

/** Items may be completed in another order than they stand in. */
export function inOrder<T>(places: ReadonlyMap<number, T>): [number, T][] {
  return [...places].sort(([a], [b]) => a - b);
}
