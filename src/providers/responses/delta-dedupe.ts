/**
 * Deduplicates deltas: closing events repeat the whole of a part. Some servers leave out one of both, so that what was
 * emitted of each part is remembered and the whole adds only what is missing.
 */
export type DeltaDeduper = {
  add(part: string, delta: string): string;
  /** The new part of the whole. A whole that differs from the emitted deltas comes too late. */
  complete(part: string, whole: string): string;
};

export function createDeltaDeduper(): DeltaDeduper {
  const parts = new Map<string, string>();
  function add(part: string, delta: string): string {
    parts.set(part, (parts.get(part) ?? '') + delta);
    return delta;
  }
  return {
    add,
    complete(part, whole) {
      const received = parts.get(part) ?? '';
      return whole.startsWith(received) ? add(part, whole.slice(received.length)) : '';
    },
  };
}
