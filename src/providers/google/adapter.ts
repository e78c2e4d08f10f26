import type { ProviderAdapter } from '../../core/adapter.ts';
import { dataOnlyKinds } from '../media-rules.ts';
import { decode } from './decode.ts';
import { decodeFailure } from './decode-error.ts';
import { embeddings } from './embed.ts';
import { encode, media } from './encode.ts';
import { decodeStream } from './stream.ts';

export const google: ProviderAdapter = {
  embeddings,
  id: 'google',
  name: 'Google',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  // The API also takes `?key=`, which would end up in access logs.
  authorize: (key) => ({ 'x-goog-api-key': key }),
  codecFor: (target) => ({
    wire: 'generateContent',
    dataOnly: dataOnlyKinds(media),
    encode: (request, mode) => encode(request, target, mode),
    decode,
    decodeStream,
    decodeFailure,
  }),
};
