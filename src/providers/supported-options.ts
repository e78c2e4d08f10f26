import type { ProviderAdapter } from '../core/adapter.ts';
import { parseChatRequest, serviceTiers } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { type ModelFacts, modalities, type SupportedOptions } from '../core/model.ts';
import { outputModalities } from '../core/output-modalities.ts';
import { serverToolNames } from '../core/server-tools.ts';

/**
 * What a model supports, by encoding a small request with each option: what the codec sends is supported, what it refuses or
 * leaves out is not. Nothing is sent.
 */
export function supportedOptions(adapter: ProviderAdapter, facts: ModelFacts): SupportedOptions {
  const target = { provider: adapter.id, model: facts.name, facts };

  function takes(option: string, fields: object): boolean {
    const request = parseChatRequest({ model: 'any/model', messages: [{ role: 'user', content: 'Hello' }], ...fields });
    try {
      const { warnings } = adapter.codecFor(target, request).encode(request, 'whole');
      return warnings.every((warning) => warning.option !== option);
    } catch (thrown) {
      if (thrown instanceof GatewayError) return false;
      throw thrown;
    }
  }

  const marked = [{ role: 'user', content: 'Hello', cacheBreakpoint: true }];
  const attached = (part: object) => ({ messages: [{ role: 'user', parts: [{ text: 'Look' }, part] }] });
  return {
    media: modalities.filter((one) => one === 'text' || takes('messages', attached(media[one]))),
    serverTools: serverToolNames.filter((name) => takes('serverTools', { serverTools: [tools[name]] })),
    outputModalities: outputModalities.filter((one) => takes('outputModalities', { outputModalities: [one] })),
    serviceTiers: serviceTiers.filter((serviceTier) => takes('serviceTier', { serviceTier })),
    options: new Set(Object.entries(probes).flatMap(([option, fields]) => (takes(option, fields) ? [option] : []))),
    cacheBreakpoints: takes('messages', { messages: marked }),
  };
}

const media = {
  image: { image: { url: 'data:image/png;base64,AAAA' } },
  pdf: { file: { url: 'data:application/pdf;base64,AAAA' } },
  audio: { audio: { url: 'data:audio/wav;base64,AAAA' } },
  video: { video: { url: 'data:video/mp4;base64,AAAA' } },
} as const;

const tools = {
  web_search: { webSearch: {} },
  code_execution: { codeExecution: {} },
  url_context: { urlContext: {} },
} as const;

const probes = {
  promptCache: { promptCache: { key: 'key' } },
  logprobs: { logprobs: true },
  verbosity: { verbosity: 'low' },
  topK: { topK: 10 },
  reasoningBudget: { reasoningBudget: 2_048 },
  metadata: { metadata: { a: 'b' } },
} as const;
