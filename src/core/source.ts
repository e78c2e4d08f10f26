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
