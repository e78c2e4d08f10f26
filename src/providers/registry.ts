import type { ProviderAdapter } from '../core/adapter.ts';
import { anthropic } from './anthropic/adapter.ts';
import { createOpenAiCompatible } from './openai-compatible/adapter.ts';
import { profiles } from './openai-compatible/profiles.ts';
import { createPending } from './pending.ts';

/** The built-in providers, in the order in which they are listed. */
export const builtInProviders: readonly ProviderAdapter[] = [
  ...profiles.map(createOpenAiCompatible),
  anthropic,
  createPending('google', 'Google', 'https://generativelanguage.googleapis.com/v1beta'),
  createPending('mistral', 'Mistral', 'https://api.mistral.ai/v1'),
  createPending('cohere', 'Cohere', 'https://api.cohere.com/v2'),
];
