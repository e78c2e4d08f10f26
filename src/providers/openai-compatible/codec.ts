import type { Codec } from '../../core/adapter.ts';
import type { Target } from '../../core/model.ts';
import { toFailure } from '../decode-error.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { Profile } from './profile.ts';
import { decodeStream } from './stream.ts';

export function createChatCompletions(profile: Profile, target: Target): Codec {
  const { streamsOnly } = profile;
  return {
    wire: 'Chat Completions',
    encode: (request, mode) => encode(profile, request, target, mode),
    ...(streamsOnly && { streamsOnly: (request) => streamsOnly(request, target) }),
    decode: (body) => decode(profile, body),
    decodeStream: () => decodeStream(profile),
    decodeFailure: (failure) => profile.toFailure?.(failure) ?? toFailure(profile.id, failure),
  };
}
