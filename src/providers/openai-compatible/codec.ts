import type { Codec } from '../../core/adapter.ts';
import type { Target } from '../../core/model.ts';
import { toFailure } from '../decode-error.ts';
import { dataOnlyKinds } from '../media-rules.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { mediaRules, type Profile } from './profile.ts';
import { decodeStream } from './stream.ts';

export function createChatCompletions(profile: Profile, target: Target): Codec {
  const { streamsOnly } = profile;
  return {
    wire: 'Chat Completions',
    dataOnly: dataOnlyKinds(mediaRules(profile)),
    encode: (request, mode) => encode(profile, request, target, mode),
    ...(!profile.isStrict && { form: 'chat-completions' }),
    ...(streamsOnly && { streamsOnly: (request) => streamsOnly(request, target) }),
    decode: (body) => decode(profile, body),
    decodeStream: () => decodeStream(profile),
    decodeFailure: (failure) => profile.toFailure?.(failure) ?? toFailure(profile.id, failure),
  };
}
