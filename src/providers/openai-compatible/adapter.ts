import type { Codec, ProviderAdapter } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import { apis, type Target } from '../../core/model.ts';
import { withFillIn } from '../fill-in.ts';
import { createResponses } from '../responses/codec.ts';
import type { ResponsesProfile } from '../responses/profile.ts';
import { createChatCompletions } from './codec.ts';
import { createEmbeddings } from './embed.ts';
import type { Profile } from './profile.ts';

/** These search by themselves, on Chat Completions. */
function isSearchModel(model: string): boolean {
  return model.includes('-search-');
}

/** Creates a provider of the OpenAI family from its profile, on one API or both. */
export function createOpenAiCompatible(profile: Profile, responses?: ResponsesProfile): ProviderAdapter {
  return {
    id: profile.id,
    name: profile.name,
    baseUrl: profile.baseUrl,
    ...(responses && { apis }),
    ...(profile.embeddings && { embeddings: createEmbeddings(profile, profile.embeddings) }),
    authorize: (key) => ({ authorization: `Bearer ${key}` }),
    codecFor: (target, request = {}) =>
      responses && takesResponses(responses, target, request)
        ? createResponses(responses, target)
        : withFilling(profile, createChatCompletions(profile, target)),
  };
}

function withFilling({ fillIn }: Profile, codec: Codec): Codec {
  return fillIn ? withFillIn(codec, fillIn) : codec;
}

/** Only Responses has server tools and answers with images; only Chat Completions answers with sound. */
function takesResponses(
  { takes, serverTools }: ResponsesProfile,
  { model, facts }: Target,
  { serverTools: wanted, outputModalities: output = [] }: Pick<ChatRequest, 'serverTools' | 'outputModalities'>,
): boolean {
  if (output.includes('audio')) return false;
  const isNeeded = (wanted && serverTools && !isSearchModel(model)) || output.includes('image');
  if (isNeeded) return true;
  return facts?.api === undefined ? takes?.(model) === true : facts.api === 'responses';
}
