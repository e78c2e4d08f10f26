import { effortBudget, effortWords } from '../reasoning-effort.ts';
import type { Profile } from './profile.ts';

const defaultBudget = 32_768;
const minBudget = 1024;

/** Built-in providers that speak OpenAI's Chat Completions. Each literal holds only the differences. */
export const profiles = [
  {
    id: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    // Not in the catalogue: models that search the web and refuse all sampling parameters.
    assumed: (model) => (model.includes('-search-preview') ? { sampling: false } : {}),
    sampling: { stop: { maxItems: 4, isSampling: true } },
    maxTokensField: 'max_completion_tokens',
    checksStrict: true,
  },
  {
    id: 'deepseek',
    name: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
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
    },
    plainText: true,
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
    },
    maxTokensField: 'max_completion_tokens',
    alwaysText: true,
    images: ['image/jpeg', 'image/png'],
    strictTools: false,
    reasoningTokens: 'outside',
  },
  {
    id: 'qwen',
    name: 'Qwen',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    sampling: { temperature: { below: 2 }, topP: { above: 0 }, frequencyPenalty: undefined, user: undefined },
    systemFirst: true,
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
      refuses: ['forced_tool', 'json_mode'],
    },
    // "This model only support stream mode", and hybrids refuse to think outside a stream: the open ones think unasked.
    streamsOnly: ({ reasoningEffort: effort }, { model }) =>
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
    },
    maxTokens: 4096,
    systemFirst: true,
    plainText: true,
    images: false,
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
    },
    onePenalty: 'presence',
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
    name: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    sampling: { stop: { maxItems: 16 }, parallelToolCalls: undefined },
    toolChoices: ['auto', 'none'],
    // Passed to the model's chat template, which may ignore it.
    reasoning: { takesAny: true },
    reasoningTokens: 'outside_when_larger',
    // Models whose chat template ends with the opening tag, on hosts that do not separate reasoning from text.
    inlineThinking: { startsThinking: /DeepSeek-R1|QwQ-32B|-Thinking-2507/i },
  },
] as const satisfies readonly Profile[];
