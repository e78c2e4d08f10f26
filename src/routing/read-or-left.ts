import type { Signal } from '../core/signal.ts';

/**
 * The same sequence, which also says when it is left alone: its reader stops between two reads or never begins, or the signal
 * fires while nobody reads. A generator learns of neither: one that was never started skips its `finally`, and one that waits
 * at a `yield` sees no signal.
 */
export function readOrLeft<T>(
  source: AsyncIterator<T>,
  signal: Signal,
  left: () => Promise<void>,
): AsyncIterableIterator<T> {
  let isRead = false;
  // Whoever reads at that moment is told by the source.
  const leave = () => (isRead ? Promise.resolve() : left());
  if (signal.aborted) void leave();
  else signal.addEventListener('abort', leave, { once: true });
  // A signal may outlive the sequence, and holds with its listeners all that they hold.
  const forget = () => signal.removeEventListener('abort', leave);
  const came = (read: IteratorResult<T>) => {
    isRead = false;
    if (read.done) forget();
    return read;
  };
  const broke = (thrown: unknown) => {
    isRead = false;
    forget();
    throw thrown;
  };
  const sequence: AsyncIterableIterator<T> = {
    next() {
      isRead = true;
      return source.next().then(came, broke);
    },
    async return() {
      forget();
      await leave();
      return (await source.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => sequence,
  };
  return sequence;
}
