import type { Citation, Completion, CompletionEnd, OutputFile, TokenLogprob, Warning } from '../core/completion.ts';
import { toDataUrl } from '../core/media.ts';
import { callSignatures, toExtraContent, toReasoningDetails } from './carried-state.ts';
import type { Annotation, ChatCompletion, FinishReason, Logprobs, MessageExtras, ToolCall } from './wire.ts';
import { toUsage, toXParley } from './x-parley.ts';

/** A whole answer in OpenAI's form. */
export function toChatCompletion(completion: Completion, warnings: readonly Warning[]): ChatCompletion {
  const { id, model, created, text, reasoning, toolCalls, refusal, usage, files = [], serviceTier } = completion;
  const counted = toUsage(usage);
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
            tool_calls: toToolCalls(completion),
          }),
          ...toMessageExtras(completion),
          ...toFiles(files, text),
        },
        logprobs: toLogprobs(completion.logprobs),
        finish_reason: toFinishReason(completion),
      },
    ],
    ...(counted && { usage: counted }),
    system_fingerprint: completion.systemFingerprint ?? null,
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    x_parley: toXParley(completion, completion, warnings),
  };
}

function toToolCalls({ toolCalls, providerState }: Completion): readonly ToolCall[] {
  const signatures = callSignatures(providerState);
  return toolCalls.map(({ id, name, arguments: json }) => {
    const signature = signatures.get(id);
    return {
      id,
      type: 'function',
      function: { name, arguments: json },
      ...(signature !== undefined && { extra_content: toExtraContent(signature) }),
    };
  });
}

/** What a message gets at its end, whole or streamed. */
export function toMessageExtras({ citations, providerState }: CompletionEnd): MessageExtras {
  return {
    ...(citations.length > 0 && { annotations: citations.flatMap(toAnnotations) }),
    ...(providerState !== undefined && {
      provider_state: providerState,
      reasoning_details: toReasoningDetails(providerState),
    }),
  };
}

/** One for each place, as OpenAI has them. */
function toAnnotations({ url, title = '', places = [] }: Citation): readonly Annotation[] {
  const cited = { url, title };
  if (places.length === 0) return [{ type: 'url_citation', url_citation: cited }];
  return places.map(({ start, end }) => ({
    type: 'url_citation',
    url_citation: { ...cited, start_index: start, end_index: end },
  }));
}

/** The one sound of a message, and its images. */
export function toFiles(files: readonly OutputFile[], transcript?: string): Pick<MessageExtras, 'images' | 'audio'> {
  const images = files.filter(({ mediaType }) => !mediaType.startsWith('audio/'));
  const sound = files.find(({ mediaType }) => mediaType.startsWith('audio/'));
  return {
    ...(images.length > 0 && {
      images: images.map(({ mediaType, data }) => ({
        type: 'image_url' as const,
        image_url: { url: toDataUrl(mediaType, data) },
      })),
    }),
    ...(sound && {
      audio: { id: '', data: sound.data, ...(transcript !== undefined && { transcript }), expires_at: 0 },
    }),
  };
}

export function toLogprobs(tokens: readonly TokenLogprob[] | undefined): Logprobs | null {
  if (!tokens) return null;
  const toToken = ({ token, logprob, bytes }: Omit<TokenLogprob, 'topLogprobs'>) => ({
    ...{ token, logprob, bytes: bytes ?? null },
  });
  return {
    content: tokens.map((one) => ({ ...toToken(one), top_logprobs: one.topLogprobs.map(toToken) })),
    refusal: null,
  };
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
