import type { AnswerEvent } from '../core/completion.ts';
import type { Source } from '../core/poll-stream.ts';
import { isContent } from '../core/stream.ts';

/**
 * Waits for the first content, and gives back the whole answer from its beginning. A failure before it is thrown here, where
 * another target may still step in.
 */
export async function awaitContent(source: Source<AnswerEvent>): Promise<Source<AnswerEvent>> {
  const before: AnswerEvent[] = [];
  while (!before.some(isContent)) {
    const taken = source.take();
    if (taken === 'over') break;
    if (taken === 'pending') await source.wait();
    else before.push(...taken);
  }
  let held: readonly AnswerEvent[] | undefined = before;
  return {
    take() {
      if (!held) return source.take();
      const taken = held;
      held = undefined;
      return taken;
    },
    wait: source.wait,
    leave: source.leave,
  };
}
