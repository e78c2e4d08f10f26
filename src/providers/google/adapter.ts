import type { ProviderAdapter } from '../../core/adapter.ts';
import { decode } from './decode.ts';
import { decodeFailure } from './decode-error.ts';
import { encode } from './encode.ts';
import { decodeStream } from './stream.ts';

export const google: ProviderAdapter = {
  id: 'google',
  name: 'Google',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  imagesInline: true,
  // The API also takes `?key=`, which would end up in access logs.
  authorize: (key) => ({ 'x-goog-api-key': key }),
  codecFor: (target) => ({
    wire: 'generateContent',
    encode: (request, mode) => encode(request, target, mode),
    decode,
    decodeStream,
    decodeFailure,
  }),
};
