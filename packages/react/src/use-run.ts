import { ChatError } from 'parley-client';
import { createStore } from 'parley-client/store';
import { useEffect, useState, useSyncExternalStore } from 'react';

export type RunState = {
  /** `running` until the whole answer is there; `failed` has the reason in `failure`. */
  readonly status: 'ready' | 'running' | 'failed';
  readonly failure: ChatError | undefined;
};

type Shown<Value> = RunState & { readonly value: Value };

/** One request at a time, shown while it runs, stopped when its component goes away. */
export function useRun<Value>(initial: Value) {
  const [{ store, start, stop }] = useState(() => createRun(initial));
  useEffect(() => stop, [stop]);
  return { state: useSyncExternalStore(store.subscribe, store.get, store.get), start, stop };
}

function createRun<Value>(initial: Value) {
  const store = createStore<Shown<Value>>({ value: initial, status: 'ready', failure: undefined });
  let current: AbortController | undefined;

  function stop(): void {
    current?.abort();
    current = undefined;
    if (store.get().status === 'running') store.set({ status: 'ready' });
  }

  async function start<Result>(
    value: Value,
    run: (signal: AbortSignal, show: (value: Value) => void) => Promise<Result>,
  ): Promise<Result | undefined> {
    stop();
    const own = new AbortController();
    current = own;
    store.set({ value, status: 'running', failure: undefined });
    try {
      const result = await run(own.signal, (shown) => current === own && store.set({ value: shown }));
      if (current === own) store.set({ status: 'ready' });
      return result;
    } catch (thrown) {
      const failure = thrown instanceof ChatError ? thrown : new ChatError('INTERNAL', String(thrown));
      if (current === own) store.set({ status: 'failed', failure });
      return undefined;
    } finally {
      if (current === own) current = undefined;
    }
  }

  return { store, start, stop };
}
