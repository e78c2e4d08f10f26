import type { ProviderAdapter } from '../../core/adapter.ts';
import { createOpenAiCompatible } from '../openai-compatible/adapter.ts';
import { toMistralConversation, withPrefix } from './conversation.ts';
import { toMistralFailure } from './failure.ts';
import { settleOptions } from './options.ts';

/** OpenAI's grammar with a strict reader: a field that its schema does not list is 422. */
const chatCompletions = createOpenAiCompatible({
  id: 'mistral',
  name: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  sampling: {
    temperature: { max: 1.5 },
    topP: { min: Number.MIN_VALUE },
    seed: { field: 'random_seed', min: 0 },
    user: undefined,
  },
  // "Unexpected role 'system' after role 'assistant'" (400).
  systemFirst: true,
  streamOptions: false,
  toFailure: toMistralFailure,
});

export const mistral: ProviderAdapter = {
  ...chatCompletions,
  encode(request, target, mode) {
    const options = settleOptions(request, target);
    const { messages, warnings } = toMistralConversation(request.messages);
    const encoded = chatCompletions.encode({ ...options.request, messages }, target, mode);
    return {
      ...encoded,
      body: { ...encoded.body, messages: withPrefix(encoded.body['messages']) },
      warnings: [...options.warnings, ...warnings, ...encoded.warnings],
    };
  },
};
