import type { AnswerEvent } from '../core/completion.ts';
import { isContent } from '../core/stream.ts';

/**
 * Reads on until the first content, and gives back the whole sequence from its beginning. A failure before it is thrown
 * here, where another target may still step in.
 */
export async function awaitContent(
  source: AsyncIterableIterator<readonly AnswerEvent[]>,
): Promise<AsyncIterableIterator<readonly AnswerEvent[]>> {
  let held: AnswerEvent[] | undefined = [];
  for (let open = true; open; ) {
    const { done, value } = await source.next();
    if (done) break;
    held.push(...value);
    open = !value.some(isContent);
  }
  // An object, not a generator: one that was never started would skip its `finally` and leave the source open.
  const sequence: AsyncIterableIterator<readonly AnswerEvent[]> = {
    next() {
      if (!held) return source.next();
      const value = held;
      held = undefined;
      return Promise.resolve({ done: false, value });
    },
    return: async () => (await source.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]: () => sequence,
  };
  return sequence;
}
