import type { Profile } from './profile.ts';

/** Share of a token budget that an effort stands for, where a provider counts tokens instead of taking a word. */
const budgetShare: Readonly<Record<string, number>> = {
  minimal: 0.02,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  xhigh: 0.9,
  max: 0.9,
};
const defaultBudget = 32_768;

/** The built-in providers that speak OpenAI's Chat Completions. Each literal holds only what is different there. */
export const profiles = [
  {
    id: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    sampling: { stop: { maxItems: 4 } },
    maxTokensField: 'max_completion_tokens',
  },
  {
    id: 'deepseek',
    name: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
    sampling: { seed: undefined, parallelToolCalls: undefined, user: undefined },
    plainText: true,
    json: { schema: 'object' },
    reasoning: (effort) =>
      effort === 'none'
        ? { thinking: { type: 'disabled' } }
        : { thinking: { type: 'enabled' }, reasoning_effort: effort },
    finishReasons: { insufficient_system_resource: 'error' },
  },
  {
    id: 'xai',
    name: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    // Penalties and stop are errors on every current model, even with the value 0.
    sampling: { frequencyPenalty: undefined, presencePenalty: undefined, stop: undefined },
    maxTokensField: 'max_completion_tokens',
    reasoningTokens: 'outside',
  },
  {
    id: 'qwen',
    name: 'Qwen',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    sampling: { temperature: { below: 2 }, frequencyPenalty: undefined, user: undefined },
    systemFirst: true,
    reasoning: (effort, _request, { facts }) => {
      if (effort === 'none') return { enable_thinking: false };
      const share = budgetShare[effort];
      const budget = share && Math.max(1024, Math.round(share * (facts?.maxOutputTokens ?? defaultBudget)));
      return { enable_thinking: true, ...(budget && { thinking_budget: budget }) };
    },
  },
  {
    id: 'ai21',
    name: 'AI21',
    baseUrl: 'https://api.ai21.com/studio/v1',
    sampling: {
      frequencyPenalty: undefined,
      presencePenalty: undefined,
      seed: undefined,
      user: undefined,
      parallelToolCalls: undefined,
    },
    systemFirst: true,
    plainText: true,
    images: false,
    toolChoices: ['auto'],
    json: { schema: 'object' },
    streamOptions: false,
  },
  {
    id: 'perplexity',
    name: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    sampling: {
      temperature: { below: 2 },
      // Multiplicative there: 1 is none, 0 and less are refused.
      frequencyPenalty: { min: Number.MIN_VALUE },
      seed: undefined,
      stop: undefined,
      user: undefined,
      parallelToolCalls: undefined,
    },
    systemFirst: true,
    tools: false,
    json: { object: 'prompt', bareSchema: true },
    streamOptions: false,
  },
  {
    id: 'deepinfra',
    name: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    sampling: { stop: { maxItems: 16 }, parallelToolCalls: undefined },
    toolChoices: ['auto', 'none'],
    reasoningTokens: 'outside_when_larger',
  },
] as const satisfies readonly Profile[];
