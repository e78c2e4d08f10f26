import type { ProviderAdapter } from '../core/adapter.ts';
import { anthropic } from './anthropic/adapter.ts';
import { cohere } from './cohere/adapter.ts';
import { google } from './google/adapter.ts';
import { mistral } from './mistral/adapter.ts';
import { createOpenAiCompatible } from './openai-compatible/adapter.ts';
import { profiles } from './openai-compatible/profiles.ts';
import { lookUp } from './read-json.ts';
import { responsesProfiles } from './responses/profiles.ts';

/** The built-in providers in listing order. */
export const builtInProviders: readonly ProviderAdapter[] = [
  ...profiles.map((profile) => createOpenAiCompatible(profile, lookUp(responsesProfiles, profile.id))),
  anthropic,
  mistral,
  cohere,
  google,
];
