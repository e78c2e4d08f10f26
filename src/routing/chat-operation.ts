import { toAbortSignal } from '../core/abort.ts';
import { withAnswerChecks } from '../core/answer-checks.ts';
import { type ChatRequest, parseChatRequest } from '../core/chat.ts';
import { collect, toEvents } from '../core/collect.ts';
import type { ProviderCompletion } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import { mediaOf } from '../core/message.ts';
import type { Operation } from '../core/operation.ts';
import { withProviderOptions } from '../core/provider-options.ts';
import { checkSize, withOutputLimit } from './admission.ts';
import { withForeignFields } from './foreign-fields.ts';
import { withInlineMedia } from './inline-media.ts';
import { withParameters } from './targets.ts';
import { worstCase } from './token-estimate.ts';
import { createUsageMeter } from './usage-meter.ts';

export type ChatOperation = Operation<ChatRequest, ProviderCompletion>;

/** `chat` and `chatStream` in GraphQL, `/v1/chat/completions` in REST. */
export const chatOperation: ChatOperation = {
  name: 'chat',
  parse: parseChatRequest,
  checkSize,
  usesProviderOptions: ({ providerOptions }) => providerOptions !== undefined,
  mediaUrls,
  withLimits: withOutputLimit,
  worstCase,
  createMeter: createUsageMeter,
  withParameters,
  inlineMedia(request, target, { dataOnly = [] }, fetchMedia, signal) {
    return hasRemoteMedia(request)
      ? withInlineMedia(request, target, dataOnly, fetchMedia, toAbortSignal(signal))
      : request;
  },
  codecFor(adapter, target, request) {
    const codec = adapter.codecFor(target, request);
    if (request.suffix !== undefined && !codec.fillsIn) throw cannotFillIn(adapter.id);
    return withProviderOptions(withForeignFields(withAnswerChecks(codec, adapter.id)), adapter.id);
  },
  streaming: { collect, toEvents },
};

function cannotFillIn(provider: string): GatewayError {
  const message = `suffix: ${provider} has no fill-in-the-middle. Mistral's Codestral, DeepSeek, Qwen's Coder and local servers have.`;
  return new GatewayError('UNSUPPORTED_OPTION', message, { issues: [{ path: 'suffix', message }] });
}

function hasRemoteMedia({ messages }: ChatRequest): boolean {
  return messages.some((message) => mediaOf(message).some(({ part }) => !part.url.startsWith('data:')));
}

function mediaUrls({ messages }: ChatRequest) {
  return messages.flatMap((message, index) =>
    mediaOf(message).flatMap(({ place, part: { type, url } }) =>
      url.startsWith('data:') ? [] : [{ path: `messages[${index}].parts[${place}].${type}.url`, url }],
    ),
  );
}
