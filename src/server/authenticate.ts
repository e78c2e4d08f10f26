import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../core/caller.ts';
import { valuesOf } from '../http/headers.ts';
import { HttpError } from '../http/http-error.ts';

/** Finds the caller of a request, or refuses it with 401. The same for every face, path and header form. */
export type Authenticator = (request: Pick<IncomingMessage, 'rawHeaders'>) => Promise<Caller>;

export type CallerKey = {
  /** SHA-256 of the key; the key is stored nowhere. Slow hashes are for passwords, and this one hides 256 random bits. */
  readonly digest: Buffer;
  readonly caller: Caller;
};

export type KeyAuthenticatorOptions = {
  readonly keys: readonly CallerKey[];
  /** Verifies a credential that is no key as a JWT. Undefined where no `jwt` is configured. */
  readonly verifyJwt: ((token: string) => Promise<Caller>) | undefined;
};

/** Without keys every request has the same caller. */
export function allowAnonymous(caller: Caller): Authenticator {
  return async () => caller;
}

/**
 * Keys are looked up by their SHA-256 digest. What the time of a look-up may reveal is about the digest of the guess, which a
 * client cannot steer towards a stored one: an attack by timing would have to find a preimage first.
 */
export function createKeyAuthenticator({ keys, verifyJwt }: KeyAuthenticatorOptions): Authenticator {
  const callers = new Map(keys.map(({ digest, caller }) => [digest.toString('hex'), caller]));
  return async (request) => {
    const [credential, second] = credentials(request);
    if (credential === undefined) {
      throw unauthenticated('Missing API key. Send it as "Authorization: Bearer KEY" or as x-api-key.');
    }
    if (second !== undefined) {
      throw unauthenticated('Conflicting API keys in headers; send exactly one.', 'invalid_request');
    }
    const caller = callers.get(hash('sha256', credential, 'hex')) ?? (await verifyJwt?.(credential));
    if (!caller) throw unauthenticated('Invalid API key.', 'invalid_token');
    return caller;
  };
}

/** RFC 6750 §3: the challenge names the error only where a credential was sent. */
export function unauthenticated(message: string, error?: 'invalid_request' | 'invalid_token'): HttpError {
  const challenge = `Bearer realm="parley"${error ? `, error="${error}"` : ''}`;
  return new HttpError(401, 'UNAUTHENTICATED', message, { 'www-authenticate': challenge });
}

/** The distinct credentials in all headers that may carry one. Schemes other than Bearer are for a proxy in front. */
function credentials(request: Pick<IncomingMessage, 'rawHeaders'>): readonly string[] {
  const bearers = valuesOf(request, 'authorization').map((value) => /^Bearer +(\S+) *$/i.exec(value)?.[1]);
  const given = [...bearers, ...valuesOf(request, 'x-api-key'), ...valuesOf(request, 'api-key')];
  return [...new Set(given.flatMap((value) => value || []))];
}
