import type { Codec, ProviderAdapter } from '../../core/adapter.ts';
import { withFillIn } from '../fill-in.ts';
import { createOpenAiCompatible } from '../openai-compatible/adapter.ts';
import { lostOf } from '../server-tools.ts';
import { toMistralConversation, withPrefix } from './conversation.ts';
import { toMistralFailure } from './decode-error.ts';
import { settleOptions } from './options.ts';

/** OpenAI's grammar with a strict reader: unknown fields are refused with 422. */
const chatCompletions = createOpenAiCompatible({
  id: 'mistral',
  name: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  // Dated Magistral models are not in the catalogue; they always reason and accept no effort. Their "latest" names
  // stand for newer models (spring-projects/spring-ai#6208).
  assumed: (model) => ({ reasoning: model.startsWith('magistral-') ? {} : { efforts: ['none', 'high'] } }),
  sampling: {
    temperature: { max: 1.5 },
    topP: { above: 0 },
    seed: { field: 'random_seed', min: 0 },
    user: undefined,
    logitBias: undefined,
    logprobs: undefined,
    topLogprobs: undefined,
    metadata: { field: 'metadata' },
    serviceTier: { field: 'service_tier', words: { auto: 'auto', default: 'standard_only' } },
  },
  // Documents are read by its OCR, for any model that sees (docs.mistral.ai, Document QnA).
  media: { image: {}, file: {}, audio: {}, pdfAsImages: true, inToolResults: ['image', 'file'] },
  files: 'document_url',
  isStrict: true,
  embeddings: { maxInputs: 128, dimensionsField: 'output_dimension', takesUser: false },
  promptCache: { key: 'prompt_cache_key' },
  serverTools: {
    web_search: (tool) => ({
      tool: { type: 'web_search' },
      lost: lostOf(tool, 'maxUses', 'allowedDomains', 'blockedDomains', 'userLocation'),
    }),
    code_execution: () => ({ tool: { type: 'code_interpreter' } }),
  },
  audio: 'string',
  streamOptions: false,
  toFailure: toMistralFailure,
});

export const mistral: ProviderAdapter = {
  ...chatCompletions,
  codecFor(target) {
    const codec = chatCompletions.codecFor(target);
    const strict: Codec = {
      ...codec,
      encode(request, mode) {
        const options = settleOptions(request);
        const { messages, warnings } = toMistralConversation(request.messages);
        const encoded = codec.encode({ ...options.request, messages: [...messages] }, mode);
        return {
          ...encoded,
          body: { ...encoded.body, messages: withPrefix(encoded.body['messages']) },
          warnings: [...options.warnings, ...warnings, ...encoded.warnings],
        };
      },
    };
    // docs.mistral.ai, FIM endpoint.
    return withFillIn(strict, { path: '/fim/completions' });
  },
};
