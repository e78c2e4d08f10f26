import type { ProviderAdapter } from '../core/adapter.ts';
import { GatewayError } from '../core/errors.ts';

/** A provider whose wire is not spoken yet: it is listed, and every request to it is refused in so many words. */
export function createPending(id: string, name: string, baseUrl: string): ProviderAdapter {
  const refuse = (): never => {
    throw new GatewayError('UNSUPPORTED_OPTION', `This version of Parley does not speak ${name}'s API yet.`);
  };
  return {
    id,
    name,
    baseUrl,
    authorize: () => ({}),
    encode: refuse,
    decode: refuse,
    decodeStream: refuse,
    decodeFailure: refuse,
  };
}
