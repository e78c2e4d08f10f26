/** Waits before another connection is tried: less where the network or the page comes back, or the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const ended = new AbortController();
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      ended.abort();
      resolve();
    }
    const page = globalThis as Partial<Pick<Window, 'document' | 'addEventListener'>>;
    page.document?.addEventListener('visibilitychange', end, { signal: ended.signal });
    page.addEventListener?.('online', end, { signal: ended.signal });
    signal.addEventListener('abort', end, { signal: ended.signal });
    if (signal.aborted) end();
  });
}
