/** A map that keeps what was written last, and forgets the oldest beyond its size. */
export type Recent<T> = {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  entries(): (readonly [string, T])[];
};

export function createRecent<T>(size: number): Recent<T> {
  const kept = new Map<string, T>();
  return {
    get: (key) => kept.get(key),
    set(key, value) {
      kept.delete(key);
      kept.set(key, value);
      for (const oldest of kept.keys()) {
        if (kept.size <= size) break;
        kept.delete(oldest);
      }
    },
    entries: () => [...kept],
  };
}
