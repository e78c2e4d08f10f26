import type { ProviderEvent } from '../core/completion.ts';
import type { PollStream } from '../core/poll-stream.ts';
import { isContent } from '../core/stream.ts';

/**
 * Waits for the first content and returns the stream from its beginning. A failure before it is thrown here, where
 * another target can still be tried.
 */
export async function awaitFirstContent(stream: PollStream<ProviderEvent>): Promise<PollStream<ProviderEvent>> {
  const before: ProviderEvent[] = [];
  while (!before.some(isContent)) {
    const batch = stream.poll();
    if (batch === 'done') break;
    if (batch === 'pending') await stream.ready();
    else before.push(...batch);
  }
  let held: readonly ProviderEvent[] | undefined = before;
  return {
    poll() {
      if (!held) return stream.poll();
      const batch = held;
      held = undefined;
      return batch;
    },
    ready: stream.ready,
    cancel: stream.cancel,
  };
}
