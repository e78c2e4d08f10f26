import type { ChatRequest } from '../core/chat.ts';
import type { ChatEvent, Completion, ProviderCompletion, ProviderEvent, Usage } from '../core/completion.ts';
import { GatewayError, isLocalAbort } from '../core/errors.ts';
import { failure, success } from '../core/outcome.ts';
import type { Poll, PollStream } from '../core/poll-stream.ts';
import { isContent } from '../core/stream.ts';
import { type AttemptContext, fetchStream, fetchWhole } from './attempt.ts';
import { toPublicError } from './call-failure.ts';
import type { Metering } from './metering.ts';

type ChatAttempt = AttemptContext<ChatRequest, ProviderCompletion>;
type Started = Extract<ProviderEvent, { type: 'started' }>;

export type EmitParts = Pick<Metering, 'succeeded' | 'streamBroke'> & {
  readonly newId: () => string;
  readonly toDate: (unixSeconds: number | undefined) => Date;
};

/** Runs an attempt at a whole answer and returns it in the public form. */
export function createEmitCompletion({ newId, toDate, succeeded }: EmitParts) {
  return async function emitCompletion(attempt: ChatAttempt): Promise<Completion> {
    const { answer, status, warnings } = await fetchWhole(attempt);
    const { id = newId(), model = attempt.target.model, finishReason } = answer;
    return {
      ...answer,
      id,
      provider: attempt.target.provider,
      model,
      created: toDate(answer.created),
      isSandbox: attempt.client.connection.isSandbox,
      ...succeeded(attempt, answer, {
        status,
        warnings,
        firstTokenMs: undefined,
        response: { id, model, finishReason },
      }),
    };
  };
}

/**
 * Runs an attempt up to its first content and returns the public stream: `started` first, exactly one terminal event last.
 * The stream ends its session, also where it is not read to its end.
 */
export function createEmitEvents({ newId, toDate, succeeded, streamBroke }: EmitParts) {
  return async function emitEvents(attempt: ChatAttempt): Promise<PollStream<ChatEvent>> {
    const { batches, status, warnings, usage } = await fetchStream(attempt);
    const { session, target, client, lease } = attempt;
    const { meter, signal, timer } = session;
    session.beginStream();
    const { provider, model: name } = target;
    const { latencyMs: firstTokenMs, overheadMs } = timer.read();
    let head: { readonly id: string; readonly model: string } | undefined;
    let isOver = false;
    /** The terminal event of a stream that was cancelled while no batch was read. */
    let unread: readonly ChatEvent[] | undefined;

    /** `started` comes once and first, in whatever order the provider sends it. */
    function start({ id = newId(), model = name, created }: Partial<Started>): readonly ChatEvent[] {
      if (head) return [];
      head = { id, model };
      const { isSandbox } = client.connection;
      const facts = { id, provider, model, created: toDate(created), isSandbox };
      return [{ type: 'started', streamId: session.streamId, ...facts, timeToFirstTokenMs: firstTokenMs, overheadMs }];
    }

    function toPublic(event: ProviderEvent): readonly ChatEvent[] {
      switch (event.type) {
        case 'started':
          return start(event);
        case 'finished': {
          const before = start({});
          lease.settle(success);
          close();
          const { id = '', model = name } = head ?? {};
          const response = { id, model, finishReason: event.finishReason };
          return [...before, { ...event, ...succeeded(attempt, event, { status, warnings, firstTokenMs, response }) }];
        }
        default:
          if (!isContent(event)) return [];
          meter.onDelta(event);
          return head ? [event] : [...start({}), event];
      }
    }

    function close(): void {
      isOver = true;
      signal.removeEventListener('abort', cancel);
      batches.cancel();
    }

    /** The reader stops, or the request is aborted. A pending `ready()` is woken by the stream below, which is cancelled too. */
    function cancel(): void {
      if (isOver) return;
      unread = end(new GatewayError('CANCELLED', 'The client disconnected before the answer was complete.'));
    }

    function end(thrown: unknown): readonly ChatEvent[] {
      const error = toPublicError(thrown, session, lease.key);
      // An aborted stream says nothing about the provider; a probe that saw content has been counted.
      if (!isLocalAbort(error.code)) lease.settle(failure(error));
      close();
      return [{ type: 'failed', ...streamBroke(attempt, error, { status, firstTokenMs, usage: partial(usage()) }) }];
    }

    function poll(): Poll<ChatEvent> {
      if (unread) {
        const last = unread;
        unread = undefined;
        return last;
      }
      try {
        while (!isOver) {
          const batch = batches.poll();
          if (batch === 'pending' || batch === 'done') return batch;
          const events = batch.flatMap(toPublic);
          if (events.length === 0) continue;
          // Until the next poll the gateway waits for the reader.
          timer.waitTimer.start();
          return events;
        }
      } catch (thrown) {
        if (!isOver) return end(thrown);
      }
      return 'done';
    }

    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    return { poll, ready: batches.ready, cancel };
  };
}

/** Tokens that were counted before the stream broke. */
function partial(usage: Usage | undefined): Usage | undefined {
  return usage && { ...usage, isPartial: true };
}
