/**
 * What comes piece by piece, such as an answer that is being written. What has come is taken at once, and only for what has not
 * is anything waited: a piece that passes through ten hands is not put off in each of them. Whoever was told that it is over, or
 * what broke it, need not leave it.
 */
export type Source<T> = {
  /** What has come together. Throws what broke the source. */
  take(): Taken<T>;
  /** Until there is something to take, for whoever was told that there is nothing yet. Never fails. */
  wait(): Promise<void>;
  /** Nobody takes any more. */
  leave(): void;
};

export type Taken<T> = readonly T[] | 'pending' | 'over';

/** Gives all that comes to a reader, and waits where the reader says for how long. One that fails leaves the source. */
export async function readEach<T>(
  source: Source<T>,
  read: (batch: readonly T[]) => Promise<void> | undefined,
): Promise<void> {
  for (let taken = source.take(); taken !== 'over'; taken = source.take()) {
    if (taken === 'pending') {
      await source.wait();
      continue;
    }
    try {
      const busy = read(taken);
      if (busy) await busy;
    } catch (thrown) {
      source.leave();
      throw thrown;
    }
  }
}

/** The same as a sequence. */
export async function* eachOf<T>(source: Source<T>): AsyncGenerator<readonly T[]> {
  let isOpen = true;
  try {
    for (;;) {
      isOpen = false;
      const taken = source.take();
      if (taken === 'over') return;
      isOpen = true;
      if (taken === 'pending') await source.wait();
      else yield taken;
    }
  } finally {
    if (isOpen) source.leave();
  }
}
