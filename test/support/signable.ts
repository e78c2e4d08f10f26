import type { SignableRequest } from '../../src/core/adapter.ts';

/** A request for codecs whose authentication ignores it. */
export function signable(): SignableRequest {
  return { method: 'POST', url: new URL('https://provider.example/v1'), body: '{}', date: new Date(0) };
}
