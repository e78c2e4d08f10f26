import { type BaseEvent, EventType } from '@ag-ui/client';
import type { ChatError, ChatEvent } from 'parley-client';
import { emptyCompletion, withEvent } from 'parley-client/completion';

/** AG-UI's events of a run, made of the events of an answer. */
export function createEventWriter(run: { readonly threadId: string; readonly runId: string }) {
  let soFar = emptyCompletion;
  let messageId = '';
  let isOver = false;
  const begun = new Set<string>();
  /** What has begun, ended in that order. */
  const ends: BaseEvent[] = [];

  /** The first event of a message or a call, with the one that will end it. */
  function begin(id: string, start: BaseEvent, end: BaseEvent): BaseEvent[] {
    if (begun.has(id)) return [];
    begun.add(id);
    ends.push(end);
    return [start];
  }

  function text(delta: string): BaseEvent[] {
    const start = { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' };
    const first = begin(messageId, start, { type: EventType.TEXT_MESSAGE_END, messageId } as BaseEvent);
    return [...first, { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta } as BaseEvent];
  }

  function reasoning(delta: string): BaseEvent[] {
    const id = { messageId: `${messageId}-reasoning` };
    const start = { type: EventType.REASONING_MESSAGE_START, ...id, role: 'reasoning' };
    const first = begin(id.messageId, start, { type: EventType.REASONING_MESSAGE_END, ...id } as BaseEvent);
    return [...first, { type: EventType.REASONING_MESSAGE_CONTENT, ...id, delta } as BaseEvent];
  }

  function call({ id, name, argumentsDelta }: Extract<ChatEvent, { __typename: 'ToolCallDelta' }>): BaseEvent[] {
    const toolCallId = id;
    const start = { type: EventType.TOOL_CALL_START, toolCallId, toolCallName: name, parentMessageId: messageId };
    const first = begin(toolCallId, start, { type: EventType.TOOL_CALL_END, toolCallId } as BaseEvent);
    return [...first, { type: EventType.TOOL_CALL_ARGS, toolCallId, delta: argumentsDelta } as BaseEvent];
  }

  function finish(event: Extract<ChatEvent, { __typename: 'CompletionFinished' }>): BaseEvent[] {
    const { providerState, citations, refusal, finishReason, cost, object } = event;
    const refused = refusal && soFar.text === '' ? text(refusal) : [];
    const state = { type: EventType.REASONING_ENCRYPTED_VALUE, subtype: 'message', entityId: messageId };
    return [
      ...refused,
      ...ends,
      ...soFar.files.map((value) => ({ type: EventType.CUSTOM, name: 'parley.file', value })),
      ...(citations.length > 0 ? [{ type: EventType.CUSTOM, name: 'parley.citations', value: citations }] : []),
      ...(providerState ? [{ ...state, encryptedValue: providerState }] : []),
      { type: EventType.RUN_FINISHED, ...run, usage: usageOf(event), result: { finishReason, cost, object } },
    ] as BaseEvent[];
  }

  function write(event: ChatEvent): BaseEvent[] {
    soFar = withEvent(soFar, event);
    switch (event.__typename) {
      case 'CompletionStarted':
        messageId = event.id;
        return [];
      case 'ContentDelta':
        return text(event.text);
      case 'ReasoningDelta':
        return reasoning(event.text);
      case 'ToolCallDelta':
        return call(event);
      case 'CompletionFinished':
        isOver = true;
        return finish(event);
      case 'CompletionFailed':
        isOver = true;
        return [{ ...toRunError(event), usage: usageOf(event) } as BaseEvent];
      default:
        return [];
    }
  }

  return {
    start: (): BaseEvent => ({ type: EventType.RUN_STARTED, ...run }) as BaseEvent,
    write,
    /** The last events of an answer that was stopped. */
    stopped(): BaseEvent[] {
      if (isOver) return [];
      return [...ends, { type: EventType.RUN_FINISHED, ...run, outcome: { type: 'cancelled' } } as BaseEvent];
    },
  };
}

type WithUsage = Extract<ChatEvent, { __typename: 'CompletionFinished' | 'CompletionFailed' }>;

function usageOf({ usage }: WithUsage): Record<string, number>[] {
  if (!usage) return [];
  const { inputTokens, outputTokens, totalTokens, reasoningOutputTokens, cacheReadInputTokens, cacheWriteInputTokens } =
    usage;
  const known = Object.entries({
    ...{ inputTokens, outputTokens, totalTokens, reasoningTokens: reasoningOutputTokens },
    ...{ cachedInputTokens: cacheReadInputTokens, cacheWriteInputTokens },
  }).filter((entry): entry is [string, number] => entry[1] !== null);
  return [Object.fromEntries(known)];
}

export function toRunError(failure: unknown): BaseEvent {
  const { message, code = 'INTERNAL' } = failure as Partial<ChatError>;
  return { type: EventType.RUN_ERROR, message, code } as BaseEvent;
}
