import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/**
 * Documents that clients have sent with their hash (Apollo's automatic persisted queries), so that the hash alone is enough the
 * next time. By its hash a document is the same for every caller; callers of persisted operations do not use them.
 */
export type AutomaticDocuments = {
  find(sha256: string): string | undefined;
  /** Returns false where the hash is not that of the document. Long documents are neither hashed nor remembered. */
  add(sha256: string, document: string): boolean;
};

/** Bounds: of the documents together, and of one. A longer one is sent whole each time. */
const max = { documents: 1_000, chars: 4_000_000, documentChars: 64_000 };

export function createAutomaticDocuments(): AutomaticDocuments {
  const known = new LRUCache<string, string>({
    max: max.documents,
    maxSize: max.chars,
    sizeCalculation: (document) => document.length + 1,
  });
  return {
    find: (sha256) => known.get(sha256),
    add(sha256, document) {
      if (document.length > max.documentChars || known.get(sha256) === document) return true;
      if (hash('sha256', document, 'hex') !== sha256) return false;
      known.set(sha256, document);
      return true;
    },
  };
}
