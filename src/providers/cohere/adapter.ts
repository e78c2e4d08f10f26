import type { ProviderAdapter } from '../../core/adapter.ts';
import { decode } from './decode.ts';
import { decodeFailure } from './decode-error.ts';
import { embeddings } from './embed.ts';
import { encode } from './encode.ts';
import { decodeStream } from './stream.ts';

export const cohere: ProviderAdapter = {
  embeddings,
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.com/v2',
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  codecFor: (target) => ({
    wire: 'Chat v2',
    encode: (request, mode) => encode(request, target, mode),
    decode,
    decodeStream,
    decodeFailure,
  }),
};
