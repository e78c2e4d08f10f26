import type { Signal } from '../core/signal.ts';
import type { Source } from '../core/source.ts';

/**
 * A source as a sequence, which also says when it is left alone: its reader stops between two reads or never begins, or the
 * signal fires while nobody reads. A generator learns of neither: one that was never started skips its `finally`, and one that
 * waits at a `yield` sees no signal.
 */
export function readOrLeft<T>(
  source: Source<T>,
  signal: Signal,
  left: () => void,
): AsyncIterableIterator<readonly T[]> {
  let isRead = false;
  /** Its reader stopped in the middle of a read, which is still under way. */
  let isGivenUp = false;
  // Whoever reads at that moment is told by the source.
  const leave = () => {
    if (!isRead) left();
  };
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  // A signal may outlive the sequence, and holds with its listeners all that they hold.
  const forget = () => signal.removeEventListener('abort', leave);

  const sequence: AsyncIterableIterator<readonly T[]> = {
    async next() {
      isRead = true;
      try {
        for (;;) {
          const taken = source.take();
          if (taken === 'over') {
            forget();
            return { done: true, value: undefined };
          }
          if (taken !== 'pending') return { done: false, value: taken };
          await source.wait();
        }
      } catch (thrown) {
        forget();
        throw thrown;
      } finally {
        isRead = false;
        if (isGivenUp) left();
      }
    },
    async return() {
      forget();
      isGivenUp = isRead;
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => sequence,
  };
  return sequence;
}
