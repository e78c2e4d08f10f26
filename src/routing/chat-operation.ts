import { toAbortSignal } from '../core/abort.ts';
import { withAnswerChecks } from '../core/answer-checks.ts';
import { type ChatRequest, parseChatRequest } from '../core/chat.ts';
import { collect, toEvents } from '../core/collect.ts';
import type { ProviderCompletion } from '../core/completion.ts';
import type { Operation } from '../core/operation.ts';
import { checkSize, withOutputLimit } from './admission.ts';
import { withInlineImages } from './inline-images.ts';
import { withParameters } from './targets.ts';
import { worstCase } from './token-estimate.ts';
import { createUsageMeter } from './usage-meter.ts';

export type ChatOperation = Operation<ChatRequest, ProviderCompletion>;

/** `chat` and `chatStream` in GraphQL, `/v1/chat/completions` in REST. */
export const chatOperation: ChatOperation = {
  name: 'chat',
  parse: parseChatRequest,
  checkSize,
  mediaUrls,
  withLimits: withOutputLimit,
  worstCase,
  createMeter: createUsageMeter,
  withParameters,
  inlineMedia(request, target, { imagesInline }, fetchImage, signal) {
    return imagesInline ? withInlineImages(request, target, fetchImage, toAbortSignal(signal)) : request;
  },
  codecFor: (adapter, target) => withAnswerChecks(adapter.codecFor(target), adapter.id),
  streaming: { collect, toEvents },
};

function mediaUrls({ messages }: ChatRequest) {
  return messages.flatMap((message, index) =>
    message.role !== 'user'
      ? []
      : message.parts.flatMap((part, place) =>
          part.type === 'image' && !part.url.startsWith('data:')
            ? [{ path: `messages[${index}].parts[${place}].image.url`, url: part.url }]
            : [],
        ),
  );
}
