import type { Model, ModelFacts } from '../core/model.ts';
import type { ModelDetails } from './wire.ts';

/** Facts of a model in the form of OpenRouter's list. */
export function toModelDetails({ facts, pricing }: Model): Partial<ModelDetails> {
  const { contextWindow, maxOutputTokens, inputModalities, outputModalities = [], displayName } = facts;
  return {
    ...(displayName !== undefined && { name: displayName }),
    ...(contextWindow !== undefined && { context_length: contextWindow }),
    ...(inputModalities && {
      architecture: {
        // OpenRouter's word for documents.
        input_modalities: inputModalities.map((one) => (one === 'pdf' ? 'file' : one)),
        output_modalities: ['text', ...outputModalities.filter((one) => one !== 'text')],
      },
    }),
    ...(pricing && {
      pricing: {
        prompt: perToken(pricing.input),
        completion: perToken(pricing.output),
        ...(pricing.cachedInput !== undefined && { input_cache_read: perToken(pricing.cachedInput) }),
      },
    }),
    supported_parameters: supportedParameters(facts),
    top_provider: {
      ...(contextWindow !== undefined && { context_length: contextWindow }),
      ...(maxOutputTokens !== undefined && { max_completion_tokens: maxOutputTokens }),
    },
  };
}

/** Decimals without an exponent: 1.5e-7 is misread. */
const decimals = new Intl.NumberFormat('en', { useGrouping: false, maximumFractionDigits: 12 });

/** Prices are listed per million. */
function perToken(perMillion: number): string {
  return decimals.format(perMillion / 1_000_000);
}

/** By the facts alone: what a codec sends of every option is the `supported` field of GraphQL's models. */
function supportedParameters({ tools, structuredOutput, reasoning, sampling }: ModelFacts): readonly string[] {
  return [
    ...['max_tokens', 'stop'],
    ...(sampling === false ? [] : ['temperature', 'top_p']),
    ...(tools ? ['tools', 'tool_choice'] : []),
    ...(structuredOutput && structuredOutput !== 'none' ? ['response_format'] : []),
    ...(structuredOutput === 'json_schema' ? ['structured_outputs'] : []),
    ...(reasoning ? ['reasoning', 'include_reasoning', 'reasoning_effort'] : []),
  ];
}
