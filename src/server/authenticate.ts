import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../core/caller.ts';
import { valuesOf } from '../http/headers.ts';
import { HttpError } from './http-error.ts';

/** Says who sends a request, or refuses it. The same for every face, path and header form. */
export type Authenticator = (request: Pick<IncomingMessage, 'rawHeaders' | 'socket'>) => Promise<Caller>;

export type CallerKey = {
  /** SHA-256 of the key: the key itself is kept nowhere. Slow hashes are for passwords; this one hides 256 random bits. */
  readonly digest: Buffer;
  readonly caller: Caller;
};

export type KeyAuthenticatorOptions = {
  readonly keys: readonly CallerKey[];
  /** Reads what is no key as a sign-in token. */
  readonly verifyJwt: ((token: string) => Promise<Caller>) | undefined;
};

/** Where nobody needs a key, everybody is the same caller. */
export function allowAnonymous(everybody: Caller): Authenticator {
  return async () => everybody;
}

export function createKeyAuthenticator({ keys, verifyJwt }: KeyAuthenticatorOptions): Authenticator {
  const byDigest = new Map(keys.map((key) => [key.digest.toString('hex'), key]));
  /** Which key a connection came in with the last time: with the same again it need not be looked up. */
  const entered = new WeakMap<object, { readonly credential: string; readonly caller: Caller }>();

  function callerOf(credential: string, { socket }: Pick<IncomingMessage, 'socket'>): Caller | undefined {
    const last = entered.get(socket);
    if (last?.credential === credential) return last.caller;
    const caller = findKey(credential, byDigest);
    if (caller) entered.set(socket, { credential, caller });
    return caller;
  }

  return async (request) => {
    const [credential, second] = credentials(request);
    if (credential === undefined) {
      throw unauthenticated('Send the key of a caller as "Authorization: Bearer KEY", or as x-api-key.');
    }
    if (second !== undefined) throw unauthenticated('Different keys are given; send one.', 'invalid_request');
    const caller = callerOf(credential, request) ?? (await verifyJwt?.(credential));
    if (!caller) throw unauthenticated('The key is not known here.', 'invalid_token');
    return caller;
  };
}

/** RFC 6750 §3: what is wrong with what was given, if something was. */
export function unauthenticated(message: string, error?: 'invalid_request' | 'invalid_token'): HttpError {
  const challenge = `Bearer realm="parley"${error ? `, error="${error}"` : ''}`;
  return new HttpError(401, 'UNAUTHENTICATED', message, { 'www-authenticate': challenge });
}

/** What was given as a key, each once. Other schemes than Bearer are meant for somebody in front of us. */
function credentials(request: Pick<IncomingMessage, 'rawHeaders'>): readonly string[] {
  const bearers = valuesOf(request, 'authorization').map((value) => /^Bearer +(\S+) *$/i.exec(value)?.[1]);
  const given = [...bearers, ...valuesOf(request, 'x-api-key'), ...valuesOf(request, 'api-key')];
  const [first] = given;
  return given.length === 1 && first ? [first] : [...new Set(given.flatMap((value) => value || []))];
}

const unknownDigest = Buffer.alloc(32);

/**
 * Finds a key by its digest, however many there are. What the time of that may tell is about the digest of a guess, which
 * nobody can steer; the digests themselves are compared in constant time, one that is not known too.
 */
function findKey(credential: string, keys: ReadonlyMap<string, CallerKey>): Caller | undefined {
  const digest = hash('sha256', credential, 'buffer');
  const key = keys.get(digest.toString('hex'));
  return timingSafeEqual(digest, key?.digest ?? unknownDigest) ? key?.caller : undefined;
}
