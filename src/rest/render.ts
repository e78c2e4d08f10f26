import type { Citation, Completion, CompletionEnd, Warning } from '../core/completion.ts';
import type { Annotation, ChatCompletion, FinishReason, MessageExtras } from './wire.ts';
import { toUsage, toXParley } from './x-parley.ts';

/** A whole answer in OpenAI's form. */
export function toChatCompletion(completion: Completion, warnings: readonly Warning[]): ChatCompletion {
  const { id, model, created, text, reasoning, toolCalls, refusal, usage } = completion;
  return {
    id,
    object: 'chat.completion',
    created: toUnixSeconds(created),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          // `null` where there is no text: only calls, or only a refusal.
          content: text || (toolCalls.length > 0 || refusal !== undefined ? null : ''),
          refusal: refusal ?? null,
          ...(reasoning && { reasoning_content: reasoning }),
          ...(toolCalls.length > 0 && {
            tool_calls: toolCalls.map(({ id: callId, name, arguments: json }) => ({
              id: callId,
              type: 'function' as const,
              function: { name, arguments: json },
            })),
          }),
          ...toMessageExtras(completion),
        },
        logprobs: null,
        finish_reason: toFinishReason(completion),
      },
    ],
    usage: usage ? toUsage(usage) : null,
    x_parley: toXParley(completion, completion, warnings),
  };
}

/** What a message gets at its end, whole or streamed. */
export function toMessageExtras({ citations, providerState }: CompletionEnd): MessageExtras {
  return {
    ...(citations.length > 0 && { annotations: citations.map(toAnnotation) }),
    ...(providerState !== undefined && { provider_state: providerState }),
  };
}

function toAnnotation({ url, title }: Citation): Annotation {
  return { type: 'url_citation', url_citation: { url, title: title ?? '' } };
}

export function toFinishReason({ finishReason, rawFinishReason, refusal }: CompletionEnd): FinishReason {
  switch (finishReason) {
    case 'tool_call':
      return 'tool_calls';
    case 'content_filter':
      // OpenAI calls a refusal complete ("stop"). Otherwise its SDKs throw, and `message.refusal` is lost.
      return refusal !== undefined && rawFinishReason === 'stop' ? 'stop' : 'content_filter';
    default:
      return finishReason;
  }
}

export function toUnixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
