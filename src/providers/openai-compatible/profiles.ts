import type { WebSearch } from '../../core/server-tools.ts';
import { writeQwenMarkers } from '../fill-in.ts';
import { openAiPromptCache } from '../prompt-cache.ts';
import { effortBudget, effortWords } from '../reasoning-effort.ts';
import { given, lostOf } from '../server-tools.ts';
import type { Profile } from './profile.ts';

export const xaiServiceTier = { field: 'service_tier', words: { default: 'default', priority: 'priority' } };
const defaultBudget = 32_768;
const minBudget = 1024;

/** Blocked domains have a minus in front of them. */
export function domainFilter({ allowedDomains, blockedDomains }: WebSearch): readonly string[] | undefined {
  return allowedDomains ?? blockedDomains?.map((domain) => `-${domain}`);
}

/** Built-in providers that speak OpenAI's Chat Completions. Each literal holds only the differences. */
export const profiles = [
  {
    id: 'openai',
    embeddings: { maxInputs: 2048 },
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    // Not in the catalogue: models that search the web and refuse all sampling parameters.
    assumed: (model) => (model.includes('-search-preview') ? { sampling: false } : {}),
    sampling: {
      stop: { maxItems: 4, isSampling: true },
      verbosity: { field: 'verbosity', onlyWith: 'reasoning_model' },
      serviceTier: { field: 'service_tier' },
    },
    maxTokensField: 'max_completion_tokens',
    checksStrict: true,
    promptCache: openAiPromptCache,
    serverTools: {
      // Models that always search, and take no limit of it.
      web_search: (tool, { model }) =>
        model.includes('-search-')
          ? {
              fields: {
                web_search_options: tool.userLocation
                  ? { user_location: { type: 'approximate', approximate: given(tool.userLocation) } }
                  : {},
              },
              lost: lostOf(tool, 'maxUses', 'allowedDomains', 'blockedDomains'),
            }
          : undefined,
    },
    speaks: true,
    media: {
      image: {},
      file: { types: ['application/pdf'], form: 'data' },
      audio: { types: ['audio/wav', 'audio/mpeg'], form: 'data' },
      // "OpenAI models with vision capabilities can also accept PDF files" (developers.openai.com, PDF files).
      pdfAsImages: true,
    },
  },
  {
    id: 'deepseek',
    name: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
    // api-docs.deepseek.com, FIM completion (beta).
    fillIn: { path: '/beta/completions' },
    assumed: () => ({ reasoning: { efforts: ['low', 'high', 'max'] } }),
    sampling: {
      // Accepted without effect while the model thinks.
      temperature: { notWith: 'reasoning' },
      topP: { notWith: 'reasoning' },
      frequencyPenalty: { notWith: 'reasoning' },
      presencePenalty: { notWith: 'reasoning' },
      seed: undefined,
      parallelToolCalls: undefined,
      user: undefined,
      logitBias: undefined,
      logprobs: { notWith: 'reasoning' },
      topLogprobs: { notWith: 'reasoning' },
    },
    plainText: true,
    media: { image: {} },
    // Only at its /beta address.
    strictTools: false,
    json: { schema: 'object' },
    reasoning: {
      hasSwitch: true,
      write: (effort) =>
        effort === 'none'
          ? { thinking: { type: 'disabled' } }
          : { thinking: { type: 'enabled' }, reasoning_effort: effort },
      refuses: ['forced_tool'],
      isReplayed: true,
    },
    finishReasons: { insufficient_system_resource: 'error' },
  },
  {
    id: 'xai',
    name: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    // All current models reason, and most names outside the catalogue (grok-4, grok-code-fast-1) refuse any effort (400).
    assumed: (model) => ({ reasoning: model.startsWith('grok-3-mini') ? { efforts: ['low', 'high'] } : {} }),
    sampling: {
      // Refused even with the value 0.
      frequencyPenalty: { notWith: 'reasoning_model' },
      presencePenalty: { notWith: 'reasoning_model' },
      stop: { notWith: 'reasoning_model' },
      topK: { field: 'top_k' },
      logitBias: undefined,
      topLogprobs: { max: 8 },
      serviceTier: xaiServiceTier,
    },
    maxTokensField: 'max_completion_tokens',
    alwaysText: true,
    promptCache: { key: 'prompt_cache_key' },
    media: { image: { types: ['image/jpeg', 'image/png'] } },
    strictTools: false,
    reasoningTokens: 'outside',
  },
  {
    id: 'qwen',
    fillIn: { path: '/completions', write: writeQwenMarkers },
    embeddings: { maxInputs: 10 },
    name: 'Qwen',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    sampling: {
      temperature: { below: 2 },
      topP: { above: 0 },
      frequencyPenalty: undefined,
      user: undefined,
      topK: { field: 'top_k' },
      logitBias: undefined,
      topLogprobs: { max: 5 },
    },
    systemFirst: true,
    media: { image: {}, audio: {}, video: {} },
    audio: 'data-url',
    promptCache: { breakpoint: () => ({ cache_control: { type: 'ephemeral' } }) },
    serverTools: {
      web_search: (tool) => ({
        fields: {
          enable_search: true,
          ...(tool.allowedDomains && { search_options: { assigned_site_list: tool.allowedDomains } }),
        },
        lost: lostOf(tool, 'maxUses', 'blockedDomains', 'userLocation'),
      }),
      code_execution: () => ({ fields: { enable_code_interpreter: true } }),
    },
    reasoning: {
      hasSwitch: true,
      takesAny: true,
      write: (effort, target) => {
        if (effort === 'none') return { enable_thinking: false };
        // By effort value since Qwen 3.8, before by a token budget.
        if (effortWords(target)) return { enable_thinking: true, reasoning_effort: effort };
        const budget = effortBudget(effort, target.facts?.maxOutputTokens ?? defaultBudget);
        return { enable_thinking: true, thinking_budget: Math.max(minBudget, budget) };
      },
      writeBudget: (tokens) => ({ enable_thinking: true, thinking_budget: tokens }),
      refuses: ['forced_tool', 'json_mode'],
    },
    // "This model only support stream mode", and hybrids refuse to think outside a stream: the open ones think unasked.
    streamsOnly: ({ reasoningEffort: effort, reasoningBudget }, { model }) =>
      reasoningBudget !== undefined ||
      /^qwq|-thinking\b/.test(model) ||
      (effort !== 'none' && /^qwen3-[\d.]+b(-a[\d.]+b)?$/.test(model)) ||
      (effort !== undefined && effort !== 'auto' && effort !== 'none'),
  },
  {
    id: 'ai21',
    name: 'AI21',
    baseUrl: 'https://api.ai21.com/studio/v1',
    assumed: () => ({ reasoning: false }),
    sampling: {
      frequencyPenalty: undefined,
      presencePenalty: undefined,
      seed: undefined,
      user: undefined,
      parallelToolCalls: undefined,
      logitBias: undefined,
      logprobs: undefined,
      topLogprobs: undefined,
    },
    isStrict: true,
    maxTokens: 4096,
    systemFirst: true,
    plainText: true,
    media: {},
    strictTools: false,
    toolChoices: [],
    json: { schema: 'object' },
    streamOptions: false,
  },
  {
    id: 'perplexity',
    name: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    assumed: () => ({ reasoning: { efforts: ['minimal', 'low', 'medium', 'high'] } }),
    sampling: {
      temperature: { below: 2 },
      // Multiplicative there: 1 is none, and 0 or less is refused.
      frequencyPenalty: { above: 0 },
      seed: undefined,
      stop: undefined,
      user: undefined,
      parallelToolCalls: undefined,
      topK: { field: 'top_k', max: 2048 },
      logitBias: undefined,
      logprobs: undefined,
      topLogprobs: undefined,
    },
    onePenalty: 'presence',
    isStrict: true,
    serverTools: {
      web_search: (tool) => ({
        fields: {
          ...(domainFilter(tool) && { search_domain_filter: domainFilter(tool) }),
          ...(tool.userLocation && { web_search_options: { user_location: given(tool.userLocation) } }),
        },
        lost: lostOf(tool, 'maxUses'),
      }),
    },
    media: { image: {} },
    systemFirst: true,
    alternatesRoles: true,
    tools: false,
    json: { object: 'prompt', bareSchema: true },
    streamOptions: false,
    // sonar-reasoning and sonar-deep-research.
    inlineThinking: {},
  },
  {
    id: 'deepinfra',
    embeddings: { maxInputs: 1024 },
    name: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    sampling: {
      stop: { maxItems: 16 },
      parallelToolCalls: undefined,
      topK: { field: 'top_k' },
      logitBias: undefined,
      serviceTier: { field: 'service_tier', words: { default: 'default', priority: 'priority' } },
    },
    toolChoices: ['auto', 'none'],
    promptCache: { key: 'prompt_cache_key' },
    media: { image: {}, audio: { types: ['audio/wav', 'audio/mpeg'], form: 'data' }, video: {} },
    // Passed to the model's chat template, which may ignore it.
    reasoning: { takesAny: true },
    reasoningTokens: 'outside_when_larger',
    // Models whose chat template ends with the opening tag, on hosts that do not separate reasoning from text.
    inlineThinking: { startsThinking: /DeepSeek-R1|QwQ-32B|-Thinking-2507/i },
  },
] as const satisfies readonly Profile[];
