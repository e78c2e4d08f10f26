import type { EventFieldsFragment } from './operations.ts';

/** One event of a stream. The last one is CompletionFinished or CompletionFailed. */
export type ChatEvent = EventFieldsFragment;

export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };
export type OutputFile = { readonly mediaType: string; readonly data: string };

/** A whole answer. */
export type Completion = Omit<Extract<ChatEvent, { __typename: 'CompletionFinished' }>, '__typename' | 'cursor'> & {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly created: string;
  readonly isSandbox: boolean;
  readonly text: string;
  /** The reasoning that the model shows. Null without any. */
  readonly reasoning: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly files: readonly OutputFile[];
};

/** What came of an answer, whether it has ended or not. */
export type PartialCompletion = {
  readonly text: string;
  readonly reasoning: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly files: readonly OutputFile[];
  /** The JSON so far, for requests with a schema. */
  readonly object?: unknown;
};

export const emptyCompletion: PartialCompletion = {
  text: '',
  reasoning: null,
  toolCalls: [],
  files: [],
};

/** What came, with one more event. The value that is given stays as it is. */
export function withEvent(before: PartialCompletion, event: ChatEvent): PartialCompletion {
  switch (event.__typename) {
    case 'ContentDelta':
      return { ...before, text: before.text + event.text };
    case 'ReasoningDelta':
      return { ...before, reasoning: (before.reasoning ?? '') + event.text };
    case 'ToolCallDelta': {
      const { index, id, name, argumentsDelta } = event;
      const text = (before.toolCalls[index]?.arguments ?? '') + argumentsDelta;
      return { ...before, toolCalls: withItem(before.toolCalls, index, { id, name, arguments: text }) };
    }
    case 'FileDelta': {
      const { index, mediaType } = event;
      const data = (before.files[index]?.data ?? '') + event.data;
      return { ...before, files: withItem(before.files, index, { mediaType, data }) };
    }
    case 'ObjectDelta':
    case 'CompletionFinished':
      return { ...before, object: event.object ?? before.object };
    default:
      return before;
  }
}

function withItem<T>(items: readonly T[], index: number, item: T): readonly T[] {
  return Object.assign([...items], { [index]: item });
}
