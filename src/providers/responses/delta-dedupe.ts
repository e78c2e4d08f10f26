/**
 * Deltas are a preview, and the events that close a part tell it whole. Some servers leave out the one, some the other:
 * what was told of each part is remembered, so that the whole adds only what is missing.
 */
export type DeltaDeduper = {
  add(part: string, delta: string): string;
  /** What is new in the whole. One that says something else than was told comes too late. */
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
