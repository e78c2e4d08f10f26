import { type ChatEvent, type Completion, emptyCompletion, type PartialCompletion, withEvent } from './completion.ts';
import { chatStream, chatStreams, resumeChatStream, stopChatStream } from './documents.ts';
import { ChatError, networkError, toChatError } from './errors.ts';
import type {
  ChatInput,
  ChatStreamSubscription,
  DisconnectPolicy,
  ResumeChatStreamSubscription,
} from './operations.ts';
import { pause } from './pause.ts';
import { execute, subscribe, type TransportOptions } from './transport.ts';

/** As long as a gateway waits for a client by default (`resume.graceMs`). */
const giveUpMs = 30_000;
/** Before its first event, a gateway may not be there at all. */
const giveUpBeforeStartMs = 4_000;
const firstPauseMs = 250;
const longestPauseMs = 3_000;

/** Where a stream is, for `parley.resume` after a reload or on another device. Without `after`: its beginning. */
export type StreamPosition = { readonly streamId: string; readonly after?: string | undefined };

export type StreamOptions = {
  /** Aborting stops the answer and the model; the stream then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called where the connection is lost (true) and where it is back (false). */
  readonly onReconnect?: (isLost: boolean) => void;
};

/**
 * An answer while it is written. It is read once, by one of `for await`, `text()` and `toCompletion()`; the request is sent
 * when reading begins. Leaving the loop stops the model.
 */
export type ChatStream = AsyncIterable<ChatEvent> & {
  /** The text as it comes. Throws a ChatError where the answer fails. */
  text(): AsyncGenerator<string, void, undefined>;
  /** The whole answer. Throws a ChatError where it fails, with what came (`partialText`). Awaits what `onEvent` returns. */
  toCompletion(onEvent?: (event: ChatEvent, soFar: PartialCompletion) => unknown): Promise<Completion>;
  /** Stops the answer and the model. A loop over the events then ends; `text` and `toCompletion` throw CANCELLED. */
  stop(): void;
  /** Ends reading here and lets the answer go on, as far as its `onDisconnect` says. It can be resumed at `position`. */
  detach(): void;
  /** The position after the last event. Undefined before the first one. */
  readonly position: StreamPosition | undefined;
};

/** A new answer (`input`), or one that runs (`position`). */
export type StreamSource = { readonly input: ChatInput } | { readonly position: StreamPosition };

export function createStream(
  transport: TransportOptions,
  source: StreamSource,
  { signal, onReconnect }: StreamOptions = {},
): ChatStream {
  const reading = new AbortController();
  const input =
    'input' in source
      ? {
          ...source.input,
          requestId: source.input.requestId ?? crypto.getRandomValues(Uint32Array.of(0, 0, 0, 0)).join('-'),
        }
      : undefined;
  let onDisconnect: DisconnectPolicy = input?.onDisconnect ?? 'WAIT';
  let position = 'position' in source ? source.position : undefined;
  let isRead = false;
  /** Nothing more is read: after the terminal event, a stop or a detach. */
  let isOver = false;

  function connect(): AsyncGenerator<StreamData, void, undefined> {
    // Before its first event the same request is sent again: by its id it follows the first one.
    return input && !position
      ? subscribe(transport, chatStream, { input: { ...input, onDisconnect } }, reading.signal)
      : subscribe(transport, resumeChatStream, position as StreamPosition, reading.signal);
  }

  async function* events(): AsyncGenerator<ChatEvent, void, undefined> {
    if (isRead) throw new TypeError('A stream is read once.');
    isRead = true;
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    let lostAt = 0;
    let pauseMs = firstPauseMs;
    try {
      connections: while (!isOver) {
        let loss: unknown;
        try {
          for await (const data of connect()) {
            const [event] = Object.values(data) as [ChatEvent];
            if (isWaitRefused(event)) {
              onDisconnect = 'STOP';
              continue connections;
            }
            if (lostAt) onReconnect?.(false);
            lostAt = 0;
            pauseMs = firstPauseMs;
            const streamId = 'streamId' in event ? event.streamId : position?.streamId;
            if (streamId) position = { streamId, after: event.cursor || position?.after };
            // Terminal events alone list attempts.
            isOver = 'attempts' in event;
            yield event;
          }
        } catch (thrown) {
          loss = thrown;
        }
        if (isOver) break;
        lostAt ||= Date.now();
        // A stream that is not kept cannot be resumed.
        const isKept = !position || position.after || !input;
        const isPatient = Date.now() - lostAt < (position ? giveUpMs : giveUpBeforeStartMs);
        if (!isKept || !isPatient || (loss && !isConnectionLoss(loss))) throw loss ?? networkError('The stream broke.');
        onReconnect?.(true);
        await pause(pauseMs, reading.signal);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
      if (signal?.aborted) throw signal.reason;
    } finally {
      signal?.removeEventListener('abort', stop);
      // The loop was left, or the connection is lost for good.
      stop();
    }
  }

  function stop(): void {
    if (isOver) return;
    detach();
    if (isRead) void stopModel().catch(() => {});
  }

  function detach(): void {
    isOver = true;
    reading.abort();
  }

  /** A closed connection does not stop a stream that waits for its client. */
  async function stopModel(): Promise<void> {
    if (onDisconnect === 'STOP') return;
    let streamId = position?.streamId;
    if (!streamId) {
      const known = await execute(transport, chatStreams, {});
      streamId = known.chatStreams.find((one) => one.requestId === input?.requestId)?.streamId;
    }
    if (streamId) await execute(transport, stopChatStream, { streamId });
  }

  /** The events of an answer that succeeds, with what came so far. */
  async function* succeed(): AsyncGenerator<readonly [event: ChatEvent, soFar: PartialCompletion], void, undefined> {
    let soFar = emptyCompletion;
    for await (const event of events()) {
      soFar = withEvent(soFar, event);
      if (event.__typename === 'CompletionFailed') throw toChatError(event, soFar.text);
      yield [event, soFar];
      if (event.__typename === 'CompletionFinished') return;
    }
    throw new ChatError('CANCELLED', 'The answer was stopped.', { partialText: soFar.text });
  }

  async function* text(): AsyncGenerator<string, void, undefined> {
    for await (const [event] of succeed()) if (event.__typename === 'ContentDelta') yield event.text;
  }

  async function toCompletion(onEvent?: (event: ChatEvent, soFar: PartialCompletion) => unknown): Promise<Completion> {
    let fields = {};
    for await (const [event, soFar] of succeed()) {
      await onEvent?.(event, soFar);
      // The first and the last event say what the deltas do not.
      if (!('streamId' in event || 'finishReason' in event)) continue;
      const { __typename, cursor, ...more } = event;
      fields = { ...fields, ...soFar, ...more };
    }
    const { streamId, ...completion } = fields as Completion & { readonly streamId: string };
    return completion;
  }

  /** The gateway's operator or the caller's rules may forbid to wait. That was asked for by this client alone. */
  function isWaitRefused(event: ChatEvent): boolean {
    return (
      event.__typename === 'CompletionFailed' &&
      // Neither what the caller asked for, nor what was tried instead.
      onDisconnect !== (input?.onDisconnect ?? 'STOP') &&
      event.issues.some(({ path }) => path.endsWith('onDisconnect'))
    );
  }

  return {
    [Symbol.asyncIterator]: events,
    text,
    toCompletion,
    stop,
    detach,
    get position() {
      return position;
    },
  };
}

type StreamData = ChatStreamSubscription | ResumeChatStreamSubscription;

/** The network, or a proxy in front of a gateway that restarts. */
function isConnectionLoss(thrown: unknown): boolean {
  return thrown instanceof ChatError && thrown.retryable && /^(NETWORK|HTTP)_/.test(thrown.code);
}
