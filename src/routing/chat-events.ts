import type { ChatRequest } from '../core/chat.ts';
import { toEvents } from '../core/collect.ts';
import type { ChatEvent, Completion, ProviderCompletion, ProviderEvent, Usage } from '../core/completion.ts';
import { GatewayError, isLocalAbort } from '../core/errors.ts';
import { CallFailure } from '../core/gateway.ts';
import { failure, success } from '../core/outcome.ts';
import type { Poll, PollStream } from '../core/poll-stream.ts';
import { isContent, isSealed } from '../core/stream.ts';
import { expectedOutput } from '../core/structured-output.ts';
import { type AttemptContext, fetchStream, fetchWhole } from './attempt.ts';
import { toPublicError } from './call-failure.ts';
import type { Metering } from './metering.ts';
import { checkStream, type FinishedEvent, repairsOf } from './output-check.ts';
import type { createSettleOutput, Spent } from './settle-output.ts';

type ChatAttempt = AttemptContext<ChatRequest, ProviderCompletion>;
type Started = Extract<ProviderEvent, { type: 'started' }>;

export type EmitParts = Pick<Metering, 'succeeded' | 'streamBroke'> & {
  /** Reads and validates the JSON of an answer. */
  readonly settleOutput: ReturnType<typeof createSettleOutput>;
  readonly newId: () => string;
  readonly toDate: (unixSeconds: number | undefined) => Date;
};

/** Runs an attempt at a whole answer and returns it in the public form. */
export function createEmitCompletion({ newId, toDate, succeeded, settleOutput }: EmitParts) {
  return async function emitCompletion(first: ChatAttempt): Promise<Completion> {
    const { answer, status, warnings, attempt, earlier } = await settleOutput(first, await fetchWhole(first));
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
        earlier,
        response: { id, model, finishReason },
      }),
    };
  };
}

/**
 * Runs an attempt up to its first content and returns the public stream: `started` first, exactly one terminal event last.
 * The stream ends its session, also where it is not read to its end.
 */
export function createEmitEvents({ newId, toDate, succeeded, streamBroke, settleOutput }: EmitParts) {
  return async function emitEvents(first: ChatAttempt): Promise<PollStream<ChatEvent>> {
    const streamed = await fetchStream(first);
    const { status, warnings, usage } = streamed;
    let attempt = first;
    let earlier: readonly Spent[] = [];
    const batches = expectedOutput(first.session.request)
      ? checkStream(streamed.batches, repairsOf(first.session.request) > 0, settle)
      : streamed.batches;
    const { session, target, client, lease } = first;
    const { meter, signal, timer } = session;
    session.beginStream();
    const { provider, model: name } = target;
    const { latencyMs: firstTokenMs, overheadMs } = timer.read();
    let head: { readonly id: string; readonly model: string } | undefined;
    let isOver = false;
    /** The terminal event of a stream that was cancelled while no batch was read. */
    let unread: readonly ChatEvent[] | undefined;

    /** The end of the stream once its JSON was checked, and the whole answer of a further attempt. */
    async function settle(text: string, finished: FinishedEvent): Promise<readonly ProviderEvent[]> {
      const { type, ...ending } = finished;
      const settled = await settleOutput(first, { answer: { text, ...ending }, status, warnings });
      earlier = settled.earlier;
      attempt = settled.attempt;
      const { answer } = settled;
      if ('toolCalls' in answer) return [...toEvents(answer as ProviderCompletion)].slice(1);
      const { text: _, ...end } = answer;
      const held = repairsOf(first.session.request) > 0 && text !== '';
      return [...(held ? [{ type: 'content' as const, text }] : []), { type, ...end }];
    }

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
          return [
            ...before,
            { ...event, ...succeeded(attempt, event, { status, warnings, firstTokenMs, response, earlier }) },
          ];
        }
        default:
          if (isSealed(event)) {
            if (!session.options.wantsSeals) return [];
          } else if (!isContent(event)) return [];
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
      if (thrown instanceof CallFailure) {
        lease.settle(success);
        close();
        return [{ type: 'failed', ...thrown.failure }];
      }
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
