import type { Source, Taken } from '../../src/core/poll-stream.ts';

/** A source that has what a sequence gives, each as soon as it is waited for. */
export function toSource<T>(sequence: AsyncIterable<readonly T[]>): Source<T> {
  const iterator = sequence[Symbol.asyncIterator]();
  let next = (): Taken<T> => 'pending';
  return {
    take() {
      const taken = next();
      if (taken !== 'over') next = () => 'pending';
      return taken;
    },
    async wait() {
      try {
        const { done, value } = await iterator.next();
        next = () => (done ? 'over' : value);
      } catch (thrown) {
        next = () => {
          throw thrown;
        };
      }
    },
    leave() {
      void iterator.return?.();
    },
  };
}
