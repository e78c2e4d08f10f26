/**
 * A pull stream with a synchronous fast path. `poll()` returns a batch, `'pending'` or `'done'`; `ready()` resolves
 * when `poll()` can make progress. It avoids one promise per stage and chunk. After `'done'` or a throw, `cancel()` is
 * optional.
 */
export type PollStream<T> = {
  /** Returns what has arrived. Throws the error that broke the stream. */
  poll(): Poll<T>;
  /** Resolves when `poll()` can make progress, after it returned `'pending'`. Never rejects. */
  ready(): Promise<void>;
  /** Cancels the source. */
  cancel(): void;
};

export type Poll<T> = readonly T[] | 'pending' | 'done';

/**
 * Passes all batches to a reader and awaits what the reader returns (backpressure). A reader that throws cancels the
 * stream.
 */
export async function forEachBatch<T>(
  stream: PollStream<T>,
  read: (batch: readonly T[]) => Promise<void> | undefined,
): Promise<void> {
  for (let batch = stream.poll(); batch !== 'done'; batch = stream.poll()) {
    if (batch === 'pending') {
      await stream.ready();
      continue;
    }
    try {
      const busy = read(batch);
      if (busy) await busy;
    } catch (thrown) {
      stream.cancel();
      throw thrown;
    }
  }
}

/** The stream as an async iterable. */
export async function* toAsyncIterable<T>(stream: PollStream<T>): AsyncGenerator<readonly T[]> {
  let isOpen = true;
  try {
    for (;;) {
      isOpen = false;
      const batch = stream.poll();
      if (batch === 'done') return;
      isOpen = true;
      if (batch === 'pending') await stream.ready();
      else yield batch;
    }
  } finally {
    if (isOpen) stream.cancel();
  }
}
