/** A value that interfaces follow: React, Vue, Svelte, or a page without any of them. */
export type Store<State> = {
  /** The value now. The same object until it changes. */
  get(): State;
  set(change: Partial<State>): void;
  /** Calls at most once a frame after changes. Returns the function that ends it. */
  subscribe(listener: () => void): () => void;
};

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  let isScheduled = false;
  const listeners = new Set<() => void>();
  const notify = () => {
    isScheduled = false;
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...change };
      if (isScheduled) return;
      isScheduled = true;
      // A hidden page has no frames.
      if (typeof requestAnimationFrame === 'function' && document.visibilityState === 'visible') {
        requestAnimationFrame(notify);
      } else setTimeout(notify, 16);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
