import type { ProviderAdapter } from '../../core/adapter.ts';
import { toFailure } from '../failure.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { Profile } from './profile.ts';
import { decodeStream } from './stream.ts';

/** Makes a provider of the OpenAI family from what is peculiar to it. */
export function createOpenAiCompatible(profile: Profile): ProviderAdapter {
  return {
    id: profile.id,
    name: profile.name,
    baseUrl: profile.baseUrl,
    authorize: (key) => ({ authorization: `Bearer ${key}` }),
    encode: (request, target, mode) => encode(profile, request, target, mode),
    ...(profile.streamsOnly && { streamsOnly: profile.streamsOnly }),
    decode: (body) => decode(profile, body),
    decodeStream: () => decodeStream(profile),
    decodeFailure: (failure) => profile.toFailure?.(failure) ?? toFailure(profile.id, failure),
  };
}
