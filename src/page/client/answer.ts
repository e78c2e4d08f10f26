import type { ChatEvent, ChatInput, PartialCompletion } from 'parley-client';
import { emptyCompletion, withEvent as withContentOf } from 'parley-client/completion';

/** One model's answer so far: all events of its stream, folded. */

type EventOf<Name extends ChatEvent['__typename']> = Extract<ChatEvent, { __typename: Name }>;

export type Started = EventOf<'CompletionStarted'>;
export type Failed = EventOf<'CompletionFailed'>;
export type Finished = EventOf<'CompletionFinished'>;

/** How it ended. The stream reports the first two; the others are a stream that was stopped, or never began. */
export type End =
  | Finished
  | Failed
  | { readonly __typename: 'Stopped' }
  | { readonly __typename: 'Broken'; readonly code: string | undefined; readonly message: string };

export type Answer = PartialCompletion & {
  /** The variables as sent. */
  readonly input: ChatInput;
  readonly startedAt: number;
  readonly started?: Started;
  /** From the click to the first content, measured by this browser. */
  readonly firstContentMs?: number;
  /** Its connection is lost, and another one is tried. */
  readonly isReconnecting?: boolean;
  /** Absent while it runs. */
  readonly end?: End;
  readonly elapsedMs?: number;
  /** Stored without the image that was sent: asking again would be another request. */
  readonly lacksImage?: true;
};

export function beginAnswer(input: ChatInput, now: number): Answer {
  return { ...emptyCompletion, input, startedAt: now };
}

export function withEvent(answer: Answer, event: ChatEvent, now: number): Answer {
  if (event.__typename === 'CompletionStarted') return { ...answer, started: event };
  if (event.__typename === 'CompletionFinished' || event.__typename === 'CompletionFailed') {
    return withEnd(answer, event, now);
  }
  const firstContentMs = answer.firstContentMs ?? now - answer.startedAt;
  return { ...answer, ...withContentOf(answer, event), firstContentMs };
}

/** The first end counts: an answer that was stopped has not failed as well. */
export function withEnd(answer: Answer, end: End, now: number): Answer {
  return answer.end ? answer : { ...answer, end, elapsedMs: now - answer.startedAt };
}

/** A complete answer without any content. */
export function isEmpty({ end, text, toolCalls, files }: Answer): boolean {
  const hasContent = text.trim() !== '' || toolCalls.length > 0 || files.length > 0;
  return end?.__typename === 'CompletionFinished' && !hasContent && !end.refusal;
}

export type Measures = {
  readonly firstTokenMs: number | undefined;
  readonly elapsedMs: number;
  readonly outputTokens: number | undefined;
  readonly inputTokens: number | undefined;
  /** The share of input tokens that came from the provider's cache, 0 to 1. */
  readonly cachedShare: number;
  readonly tokensPerSecond: number | undefined;
  readonly cost: { readonly total: number; readonly currency: string } | undefined;
  /** Whether tokens are estimated from the length of the text: providers report them only at the end. */
  readonly isGuess: boolean;
};

/** The common rule of thumb for English. */
const charsPerToken = 4;

type Measured = Pick<Answer, 'startedAt' | 'firstContentMs' | 'elapsedMs' | 'text' | 'reasoning' | 'end'>;

export function measuresOf(answer: Measured, now: number): Measures {
  const { end } = answer;
  const usage = end?.__typename === 'CompletionFinished' || end?.__typename === 'CompletionFailed' ? end.usage : null;
  const finished = end?.__typename === 'CompletionFinished' ? end : undefined;
  const firstTokenMs = finished?.timeToFirstTokenMs ?? answer.firstContentMs;
  const elapsedMs = finished?.latencyMs ?? answer.elapsedMs ?? now - answer.startedAt;
  const counted = usage?.outputTokens ?? undefined;
  const written = answer.text.length + (answer.reasoning?.length ?? 0);
  const outputTokens = counted ?? (written > 0 ? Math.ceil(written / charsPerToken) : undefined);
  const writingMs = firstTokenMs === undefined ? 0 : elapsedMs - firstTokenMs;
  return {
    firstTokenMs,
    elapsedMs,
    outputTokens,
    inputTokens: usage?.inputTokens ?? undefined,
    cachedShare: usage?.inputTokens ? (usage.cacheReadInputTokens ?? 0) / usage.inputTokens : 0,
    // An answer that arrived in one piece has no speed.
    tokensPerSecond: outputTokens !== undefined && writingMs >= 50 ? (outputTokens / writingMs) * 1000 : undefined,
    cost: finished?.cost ?? undefined,
    isGuess: counted === undefined,
  };
}
