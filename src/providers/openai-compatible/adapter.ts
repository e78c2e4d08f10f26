import type { ProviderAdapter } from '../../core/adapter.ts';
import { apis, type Target } from '../../core/model.ts';
import { createResponses } from '../responses/codec.ts';
import type { ResponsesProfile } from '../responses/profile.ts';
import { createChatCompletions } from './codec.ts';
import type { Profile } from './profile.ts';

/** Creates a provider of the OpenAI family from its profile, on one API or both. */
export function createOpenAiCompatible(profile: Profile, responses?: ResponsesProfile): ProviderAdapter {
  return {
    id: profile.id,
    name: profile.name,
    baseUrl: profile.baseUrl,
    ...(responses && { apis }),
    authorize: (key) => ({ authorization: `Bearer ${key}` }),
    codecFor: (target) =>
      responses && takesResponses(responses, target)
        ? createResponses(responses, target)
        : createChatCompletions(profile, target),
  };
}

function takesResponses({ takes }: ResponsesProfile, { model, facts }: Target): boolean {
  return facts?.api === undefined ? takes?.(model) === true : facts.api === 'responses';
}
