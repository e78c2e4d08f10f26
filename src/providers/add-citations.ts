import type { Citation } from '../core/completion.ts';

/** Pieces of a stream repeat sources: each URL counts once. */
export function addCitations(known: readonly Citation[], more: readonly Citation[]): readonly Citation[] {
  if (more.length === 0) return known;
  const addresses = new Set(known.map(({ url }) => url));
  const fresh = more.filter(({ url }) => !addresses.has(url) && addresses.add(url));
  return fresh.length === 0 ? known : [...known, ...fresh];
}
