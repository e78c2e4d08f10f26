import { domainFilter, xaiServiceTier } from '../openai-compatible/profiles.ts';
import { openAiPromptCache } from '../prompt-cache.ts';
import { approximate, given, lostOf } from '../server-tools.ts';
import type { ResponsesProfile } from './profile.ts';

/**
 * Reasoning models by name: o1 and later, GPT-5 and later but for its chat variants, and families that no other API
 * offers.
 */
const openaiReasoner = /^(o\d|gpt-([5-9]|1\d)(?!-chat))|-pro\b|codex|deep-research|computer-use/;

const webSearch = { tools: [{ type: 'web_search' }] };

/** Sonar always searched; on this API a model searches only with the tool. */
const sonar = { fields: { model: 'perplexity/sonar', ...webSearch } };

function preset(name: string) {
  return { fields: { preset: name } };
}

/** Perplexity's successors of models whose endpoint it ended (docs.perplexity.ai, migration). */
function successor(name: string) {
  return { ...preset(name), warning: `Perplexity retired this model; its preset "${name}" answers instead` };
}

/** Built-in providers with a Responses API. Each literal holds only the differences. */
export const responsesProfiles = {
  openai: {
    id: 'openai',
    checksStrict: true,
    takes: (model) => openaiReasoner.test(model),
    sampling: {
      verbosity: { field: 'verbosity', onlyWith: 'reasoning_model' },
      serviceTier: { field: 'service_tier' },
      metadata: { field: 'metadata' },
      logprobs: { field: 'logprobs', isSampling: true },
      topLogprobs: { field: 'top_logprobs', isSampling: true },
    },
    media: { image: {}, file: {}, pdfAsImages: true, inToolResults: ['image', 'file'] },
    promptCache: openAiPromptCache,
    makesImages: true,
    serverTools: {
      web_search: (tool) => ({
        tool: {
          type: 'web_search',
          ...(tool.allowedDomains && { filters: { allowed_domains: tool.allowedDomains } }),
          ...approximate(tool.userLocation),
        },
        fields: tool.maxUses === undefined ? {} : { max_tool_calls: tool.maxUses },
        lost: lostOf(tool, 'blockedDomains'),
      }),
      code_execution: () => ({ tool: { type: 'code_interpreter', container: { type: 'auto' } } }),
    },
    minTokens: 16,
    reasoning: { summary: 'auto' },
    // Padding against traffic analysis, which doubles the bytes. The connection to the provider is encrypted and
    // batched.
    streamOptions: { include_obfuscation: false },
  },
  xai: {
    id: 'xai',
    // Its Chat Completions are called legacy.
    takes: () => true,
    // Most names outside the catalogue refuse any effort (400).
    assumed: () => ({ reasoning: {} }),
    sampling: {
      seed: { field: 'seed' },
      user: { field: 'user' },
      topK: { field: 'top_k' },
      serviceTier: xaiServiceTier,
    },
    promptCache: { key: 'prompt_cache_key' },
    serverTools: {
      web_search: (tool) => ({
        tool: {
          type: 'web_search',
          ...(tool.allowedDomains && { filters: { allowed_domains: tool.allowedDomains } }),
          ...(tool.blockedDomains && { filters: { excluded_domains: tool.blockedDomains } }),
        },
        lost: lostOf(tool, 'maxUses', 'userLocation'),
      }),
      code_execution: () => ({ tool: { type: 'code_interpreter' } }),
    },
    // Files by URL, or by an id of its own storage.
    media: { image: { types: ['image/jpeg', 'image/png'] }, file: { form: 'url' } },
  },
  perplexity: {
    id: 'perplexity',
    wire: 'Agent API',
    // It calls the same endpoint /v1/agent.
    path: '/v1/responses',
    // Its Chat Completions ended on 2026-09-27.
    takes: () => true,
    assumed: () => ({ reasoning: { efforts: ['minimal', 'low', 'medium', 'high', 'xhigh'] } }),
    addresses: {
      'perplexity/sonar': sonar,
      sonar,
      fast: preset('fast'),
      low: preset('low'),
      medium: preset('medium'),
      high: preset('high'),
      xhigh: preset('xhigh'),
      'wide-research': preset('wide-research'),
      'sonar-pro': successor('low'),
      'sonar-reasoning': successor('low'),
      'sonar-reasoning-pro': successor('low'),
      'sonar-deep-research': successor('medium'),
    },
    // "json: unknown field": unknown fields are refused.
    sampling: { user: undefined },
    minTokens: 16,
    media: { image: {} },
    serverTools: {
      web_search: (tool) => ({
        tool: {
          type: 'web_search',
          ...(domainFilter(tool) && { filters: { search_domain_filter: domainFilter(tool) } }),
          ...(tool.userLocation && { user_location: given(tool.userLocation) }),
        },
        lost: lostOf(tool, 'maxUses'),
      }),
      code_execution: () => ({ tool: { type: 'sandbox' } }),
      url_context: ({ maxUses }) => ({ tool: { type: 'fetch_url' }, lost: [maxUses !== undefined && 'maxUses'] }),
    },
    maxImageUrl: 2048,
    imageDetail: false,
    typedMessages: true,
    reservedTools: [
      'web_search',
      'search_web',
      'people_search',
      'search_people',
      'fetch_url',
      'finance_search',
      'sandbox',
    ],
    bareChoice: true,
    holdsCalls: true,
    json: { object: 'prompt', responseFormat: true },
    reasoning: { isLost: true },
  },
} as const satisfies Readonly<Record<string, ResponsesProfile>>;
