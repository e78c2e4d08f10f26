import type { ProviderAdapter } from '../../core/adapter.ts';
import { toFailure } from '../decode-error.ts';
import { createTokenCount } from './count-tokens.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { decodeStream } from './stream.ts';

export const anthropic: ProviderAdapter = {
  id: 'anthropic',
  name: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  // The version that still accepts temperature, top_p and top_k for models that take them.
  authorize: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  tokenCount: { codecFor: createTokenCount },
  codecFor: (target) => ({
    wire: 'Messages',
    form: 'messages',
    encode: (request, mode) => encode(request, target, mode),
    decode,
    decodeStream,
    decodeFailure: (failure) => toFailure('anthropic', failure),
  }),
};
