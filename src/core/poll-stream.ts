/**
 * What comes piece by piece, such as an answer that is being written. What has come is taken at once, and only for what has not
 * is anything waited: a piece that passes through ten hands is not put off in each of them. Whoever was told that it is over, or
 * what broke it, need not leave it.
 */
export type PollStream<T> = {
  /** What has come together. Throws what broke the source. */
  poll(): Poll<T>;
  /** Until there is something to take, for whoever was told that there is nothing yet. Never fails. */
  ready(): Promise<void>;
  /** Nobody takes any more. */
  cancel(): void;
};

export type Poll<T> = readonly T[] | 'pending' | 'done';

/** Gives all that comes to a reader, and waits where the reader says for how long. One that fails leaves the source. */
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

/** The same as a sequence. */
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
