import type { ChatEvent, Failure, Provenance, ProviderEvent, Usage, Warning } from '../core/completion.ts';
import { GatewayError, isLocalAbort } from '../core/errors.ts';
import type { Poll, PollStream } from '../core/poll-stream.ts';
import { isContent } from '../core/stream.ts';
import type { StreamAttempt } from './attempt.ts';
import { type AttemptContext, toPublicError } from './call.ts';

export type Publisher = {
  readonly newId: () => string;
  readonly toDate: (unixSeconds: number | undefined) => Date;
  /** The answer is complete: notes it, and gives what is told with its end. */
  readonly answered: (
    attempt: AttemptContext,
    event: Finished,
    status: number,
    warnings: readonly Warning[],
    firstTokenMs: number,
  ) => Provenance;
  /** It broke off: notes that, and gives how it is told. */
  readonly broke: (
    attempt: AttemptContext,
    error: GatewayError,
    status: number,
    firstTokenMs: number,
    usage: Usage | undefined,
  ) => Failure;
};

type Started = Extract<ProviderEvent, { type: 'started' }>;
type Finished = Extract<ProviderEvent, { type: 'finished' }>;

/** Turns what an adapter tells into the public stream, and sees to its one last event; and to its end, if nobody reads on. */
export function createPublish({ newId, toDate, answered, broke }: Publisher) {
  return function publish(
    attempt: AttemptContext,
    { batches, status, warnings, usage }: StreamAttempt,
  ): PollStream<ChatEvent> {
    const { call, target, line, turn } = attempt;
    const { provider, model: name } = target;
    const { latencyMs: timeToFirstTokenMs, overheadMs } = call.watch.read();
    let isStarted = false;
    let isOver = false;
    /** The end of a stream that ended while nobody read, for whoever reads on. */
    let untold: readonly ChatEvent[] | undefined;

    /** Once, and before all else, in whatever order a provider tells of it. */
    function start({ id = newId(), model = name, created }: Partial<Started>): readonly ChatEvent[] {
      if (isStarted) return [];
      isStarted = true;
      const { isSandbox } = line.connection;
      const head = { id, provider, model, created: toDate(created), isSandbox };
      return [{ type: 'started', ...head, timeToFirstTokenMs, overheadMs }];
    }

    function toPublic(event: ProviderEvent): readonly ChatEvent[] {
      switch (event.type) {
        case 'started':
          return start(event);
        case 'finished': {
          const before = start({});
          turn.onSuccess();
          close();
          return [...before, { ...event, ...answered(attempt, event, status, warnings, timeToFirstTokenMs) }];
        }
        default:
          if (!isContent(event)) return [];
          call.bill.onDelta(event);
          return isStarted ? [event] : [...start({}), event];
      }
    }

    function close(): void {
      isOver = true;
      call.signal.removeEventListener('abort', cancel);
      batches.cancel();
    }

    /** Nobody reads on, or nobody may. A reader who waits is woken by the source, which hears of that too. */
    function cancel(): void {
      if (!isOver) untold = end(new GatewayError('CANCELLED', 'The caller left before the answer was complete.'));
    }

    function end(thrown: unknown): readonly ChatEvent[] {
      const error = toPublicError(thrown, call, turn);
      if (!isLocalAbort(error.code)) turn.onFailure(error);
      close();
      return [{ type: 'failed', ...broke(attempt, error, status, timeToFirstTokenMs, partial(usage())) }];
    }

    function poll(): Poll<ChatEvent> {
      if (untold) {
        const told = untold;
        untold = undefined;
        return told;
      }
      try {
        while (!isOver) {
          const taken = batches.poll();
          if (taken === 'pending' || taken === 'done') return taken;
          const events = taken.flatMap(toPublic);
          if (events.length === 0) continue;
          // From here until the next is taken it is the reader who is waited for.
          call.watch.waitTimer.start();
          return events;
        }
      } catch (thrown) {
        if (!isOver) return end(thrown);
      }
      return 'done';
    }

    if (call.signal.aborted) cancel();
    else call.signal.addEventListener('abort', cancel, { once: true });
    return { poll, ready: batches.ready, cancel };
  };
}

/** Tokens that were counted before the stream broke. */
function partial(usage: Usage | undefined): Usage | undefined {
  return usage && { ...usage, isPartial: true };
}
