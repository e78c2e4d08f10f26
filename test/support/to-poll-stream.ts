import type { Poll, PollStream } from '../../src/core/poll-stream.ts';

/** A source with the items of a sequence, each available as soon as it is awaited. */
export function toSource<T>(sequence: AsyncIterable<readonly T[]>): PollStream<T> {
  const iterator = sequence[Symbol.asyncIterator]();
  let next = (): Poll<T> => 'pending';
  return {
    poll() {
      const taken = next();
      if (taken !== 'done') next = () => 'pending';
      return taken;
    },
    async ready() {
      try {
        const { done, value } = await iterator.next();
        next = () => (done ? 'done' : value);
      } catch (thrown) {
        next = () => {
          throw thrown;
        };
      }
    },
    cancel() {
      void iterator.return?.();
    },
  };
}
