import type { ChatInput, CompareSubscription } from './operations.ts';

/** One model's answer so far: all events of its stream, folded. */

export type ChatEvent = CompareSubscription['chatStream'];
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

export type Answer = {
  /** The variables as sent. */
  readonly input: ChatInput;
  readonly startedAt: number;
  readonly started?: Started;
  /** From the click to the first content, measured by this browser. */
  readonly firstContentMs?: number;
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  /** Its connection is lost, and another one is tried. */
  readonly isReconnecting?: boolean;
  /** Absent while it runs. */
  readonly end?: End;
  readonly elapsedMs?: number;
  /** Stored without the image that was sent: asking again would be another request. */
  readonly lacksImage?: true;
};

export function beginAnswer(input: ChatInput, now: number): Answer {
  return { input, startedAt: now, reasoning: '', text: '', calls: [] };
}

export function withEvent(answer: Answer, event: ChatEvent, now: number): Answer {
  switch (event.__typename) {
    case 'CompletionStarted':
      // A request that is sent again gets its stream from the beginning.
      return { ...answer, started: event, text: '', reasoning: '', calls: [] };
    case 'ReasoningDelta':
      return { ...withContent(answer, now), reasoning: answer.reasoning + event.text };
    case 'ContentDelta':
      return { ...withContent(answer, now), text: answer.text + event.text };
    case 'ToolCallDelta': {
      const calls = [...answer.calls];
      calls[event.index] = {
        name: event.name,
        arguments: (calls[event.index]?.arguments ?? '') + event.argumentsDelta,
      };
      return { ...withContent(answer, now), calls };
    }
    case 'CompletionFinished':
    case 'CompletionFailed':
      return withEnd(answer, event, now);
    // The page asks for none of them.
    default:
      return answer;
  }
}

/** The first end counts: an answer that was stopped has not failed as well. */
export function withEnd(answer: Answer, end: End, now: number): Answer {
  return answer.end ? answer : { ...answer, end, elapsedMs: now - answer.startedAt };
}

function withContent(answer: Answer, now: number): Answer {
  return { ...answer, firstContentMs: answer.firstContentMs ?? now - answer.startedAt };
}

/** A complete answer without any content. */
export function isEmpty({ end, text, calls }: Answer): boolean {
  return end?.__typename === 'CompletionFinished' && text.trim() === '' && calls.length === 0 && !end.refusal;
}

export type Measures = {
  readonly firstTokenMs: number | undefined;
  readonly elapsedMs: number;
  readonly outputTokens: number | undefined;
  readonly inputTokens: number | undefined;
  readonly tokensPerSecond: number | undefined;
  readonly cost: { readonly total: number; readonly currency: string } | undefined;
  /** Whether tokens are estimated from the length of the text: providers report them only at the end. */
  readonly isGuess: boolean;
};

/** The common rule of thumb for English. */
const charsPerToken = 4;

export function measuresOf(answer: Answer, now: number): Measures {
  const { end } = answer;
  const usage = end?.__typename === 'CompletionFinished' || end?.__typename === 'CompletionFailed' ? end.usage : null;
  const finished = end?.__typename === 'CompletionFinished' ? end : undefined;
  const firstTokenMs = finished?.timeToFirstTokenMs ?? answer.firstContentMs;
  const elapsedMs = finished?.latencyMs ?? answer.elapsedMs ?? now - answer.startedAt;
  const counted = usage?.outputTokens ?? undefined;
  const written = answer.text.length + answer.reasoning.length;
  const outputTokens = counted ?? (written > 0 ? Math.ceil(written / charsPerToken) : undefined);
  const writingMs = firstTokenMs === undefined ? 0 : elapsedMs - firstTokenMs;
  return {
    firstTokenMs,
    elapsedMs,
    outputTokens,
    inputTokens: usage?.inputTokens ?? undefined,
    // An answer that arrived in one piece has no speed.
    tokensPerSecond: outputTokens !== undefined && writingMs >= 50 ? (outputTokens / writingMs) * 1000 : undefined,
    cost: finished?.cost ?? undefined,
    isGuess: counted === undefined,
  };
}
