import type { Codec } from '../../core/adapter.ts';
import type { Target } from '../../core/model.ts';
import { toFailure } from '../decode-error.ts';
import { dataOnlyKinds } from '../media-rules.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { mediaRules, type ResponsesProfile } from './profile.ts';
import { withoutRefused } from './retry-without.ts';
import { decodeStream } from './stream.ts';

/** OpenAI's Responses API, stateless: nothing is stored at the provider, and reasoning goes back with the next turn. */
export function createResponses(profile: ResponsesProfile, target: Target): Codec {
  return {
    wire: profile.wire ?? 'Responses',
    dataOnly: dataOnlyKinds(mediaRules(profile)),
    encode: (request, mode) => encode(profile, request, target, mode),
    decode: (body) => decode(profile, target, body),
    decodeStream: () => decodeStream(profile, target),
    decodeFailure: (failure) => toFailure(profile.id, failure),
    withoutRefused: (sent, failure) => withoutRefused(profile.id, sent, failure),
  };
}
