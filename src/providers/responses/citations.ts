import type { Citation } from '../../core/completion.ts';
import { placesOf } from '../add-citations.ts';
import { array, nonEmptyString, object, type WireObject } from '../read-json.ts';

/** Collects citations: results of the provider's own searches, and annotations beside the text. */
export type CitationCollector = {
  /** Search results in the order of the marks [1], [2] in the text. */
  found(position: number, results: unknown): void;
  add(position: number, part: number, annotation: WireObject): void;
  /** All annotations of a part. Some servers send them only here, others one by one before. */
  complete(position: number, part: number, annotations: unknown): void;
  /** In output order. A search result is not repeated. */
  citations(): readonly Citation[];
};

export function createCitationCollector(): CitationCollector {
  const results = new Map<number, readonly Citation[]>();
  const annotations = new Map<number, Map<number, readonly WireObject[]>>();

  function partsOf(position: number): Map<number, readonly WireObject[]> {
    const known = annotations.get(position) ?? new Map();
    annotations.set(position, known);
    return known;
  }

  return {
    found: (position, some) => void results.set(position, array(some).map(object).flatMap(resultCitation)),
    add(position, part, annotation) {
      const parts = partsOf(position);
      parts.set(part, [...(parts.get(part) ?? []), annotation]);
    },
    complete(position, part, some) {
      const found = array(some).map(object);
      const parts = partsOf(position);
      if (found.length > (parts.get(part)?.length ?? 0)) parts.set(part, found);
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

function resultCitation({ url, title, snippet }: WireObject): Citation[] {
  const address = nonEmptyString(url);
  return address ? [{ url: address, title: nonEmptyString(title), text: nonEmptyString(snippet) }] : [];
}

function annotationCitation({ type, url, title, start_index, end_index }: WireObject): Citation[] {
  const address = nonEmptyString(url);
  if (type !== 'url_citation' || !address) return [];
  return [{ url: address, title: nonEmptyString(title), text: undefined, ...placesOf(start_index, end_index) }];
}

/** Items may be completed in another order than that of the output. */
export function inOrder<T>(positions: ReadonlyMap<number, T>): [number, T][] {
  return [...positions].sort(([a], [b]) => a - b);
}
