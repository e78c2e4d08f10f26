import type { ServerSentEvent, StreamDecoder } from './adapter.ts';
import type { Delta, ProviderEvent } from './completion.ts';
import { GatewayError } from './errors.ts';
import type { Poll, PollStream } from './poll-stream.ts';

/** Arguments are buffered until a call is complete, here and by clients. */
const maxArgumentChars = 1_000_000;
/** Far more calls than a model makes at once. Each is kept until the end of the answer. */
const maxToolCalls = 1_000;

/**
 * Runs a decoder over batches of server-sent events: one batch out per batch in, empty ones too. Stops at the end
 * marker. A failure after the complete answer is ignored, as if the body had ended.
 */
export function decodeBatches(decoder: StreamDecoder, stream: PollStream<ServerSentEvent>): PollStream<ProviderEvent> {
  const sizes = new Map<number, number>();
  let isOver = false;
  /** A failure in the middle of a batch, thrown after the events before it. */
  let refusal: { readonly thrown: unknown } | undefined;

  function decode(batch: readonly ServerSentEvent[]): readonly ProviderEvent[] {
    const events: ProviderEvent[] = [];
    try {
      for (const event of batch) {
        for (const piece of decoder.push(event)) {
          if (piece.type === 'tool_call') checkArguments(piece, sizes);
          events.push(piece);
        }
        isOver = events.at(-1)?.type === 'finished';
        if (isOver) break;
      }
    } catch (thrown) {
      isOver = true;
      stream.cancel();
      // Events before the failure in the same batch are delivered first.
      if (events.length === 0) throw thrown;
      refusal = { thrown };
      return mergeDeltas(events);
    }
    if (isOver) stream.cancel();
    return mergeDeltas(events);
  }

  function end(broken?: unknown): Poll<ProviderEvent> {
    isOver = true;
    const last = endOf(decoder, broken);
    return last.length > 0 ? mergeDeltas(last) : 'done';
  }

  return {
    poll() {
      if (refusal) throw refusal.thrown;
      if (isOver) return 'done';
      let batch: Poll<ServerSentEvent>;
      try {
        batch = stream.poll();
      } catch (thrown) {
        if (thrown instanceof GatewayError && thrown.code === 'CANCELLED') throw thrown;
        return end(thrown);
      }
      if (batch === 'pending') return batch;
      return batch === 'done' ? end() : decode(batch);
    },
    ready: stream.ready,
    cancel() {
      if (!isOver) stream.cancel();
    },
  };
}

/**
 * The held-back events at the end of the body, or the reason for its end: the connection error, or else the missing end
 * marker.
 */
function endOf(decoder: StreamDecoder, broken: unknown): readonly ProviderEvent[] {
  try {
    return decoder.end();
  } catch (failure) {
    throw broken ?? failure;
  }
}

function checkArguments(
  { index, argumentsDelta }: Extract<Delta, { type: 'tool_call' }>,
  sizes: Map<number, number>,
): void {
  const size = (sizes.get(index) ?? 0) + argumentsDelta.length;
  sizes.set(index, size);
  if (sizes.size > maxToolCalls) {
    throw new GatewayError(
      'UPSTREAM_MALFORMED',
      `The provider made more than ${maxToolCalls} tool calls in one answer.`,
    );
  }
  if (size <= maxArgumentChars) return;
  const message = `The provider sent more than ${maxArgumentChars} characters of arguments for one tool call.`;
  throw new GatewayError('UPSTREAM_MALFORMED', message);
}

/** Merges neighbouring deltas of one kind: what arrived together travels as one delta. */
export function mergeDeltas(events: readonly ProviderEvent[]): readonly ProviderEvent[] {
  if (events.length < 2) return events;
  const merged: ProviderEvent[] = [];
  for (const event of events) {
    const previous = merged.at(-1);
    const joined = previous && join(previous, event);
    if (joined) merged[merged.length - 1] = joined;
    else merged.push(event);
  }
  return merged;
}

function join(a: ProviderEvent, b: ProviderEvent): Delta | undefined {
  if (isSealed(a) || isSealed(b)) return undefined;
  if ((a.type === 'content' || a.type === 'reasoning') && a.type === b.type)
    return { type: a.type, text: a.text + b.text };
  if (a.type === 'tool_call' && b.type === 'tool_call' && a.index === b.index) {
    return { ...a, argumentsDelta: a.argumentsDelta + b.argumentsDelta };
  }
  return undefined;
}

/** The end of a block of reasoning, which only faces of the same wire pass on. */
export function isSealed(event: ProviderEvent): boolean {
  return event.type === 'reasoning' && event.seal !== undefined;
}

/** Whether an event carries content. From then on no other target is tried. */
export function isContent(event: ProviderEvent): boolean {
  switch (event.type) {
    case 'started':
      return false;
    case 'content':
    case 'reasoning':
      return event.text !== '';
    case 'tool_call':
    case 'file':
    // A search that began costs money.
    case 'server_tool':
    case 'finished':
      return true;
  }
}
