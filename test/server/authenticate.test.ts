import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { anonymous, type Caller } from '../../src/core/caller.ts';
import { HttpError } from '../../src/http/http-error.ts';
import {
  type Authenticator,
  createKeyAuthenticator,
  type KeyAuthenticatorOptions,
} from '../../src/server/authenticate.ts';

const web: Caller = { ...anonymous, id: 'web', admin: false };
const ops: Caller = { ...anonymous, id: 'ops' };
const digestOf = (key: string) => createHash('sha256').update(key).digest();
const keys = [
  { digest: digestOf('key-of-web'), caller: web },
  { digest: digestOf('key-of-ops'), caller: ops },
];

function enter(
  headers: Record<string, string[]>,
  options: Partial<KeyAuthenticatorOptions> = {},
): Promise<Caller | HttpError> {
  return send(createKeyAuthenticator({ keys, verifyJwt: undefined, ...options }), headers);
}

function send(authenticate: Authenticator, headers: Record<string, string[]>): Promise<Caller | HttpError> {
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) => values.flatMap((value) => [name, value]));
  return authenticate({ rawHeaders }).catch((thrown) => {
    if (thrown instanceof HttpError) return thrown;
    throw thrown;
  });
}

describe('the authenticator', () => {
  it.each([
    [{ authorization: ['Bearer key-of-web'] }],
    [{ authorization: ['bearer  key-of-web '] }],
    [{ 'x-api-key': ['key-of-web'] }],
    [{ 'api-key': ['key-of-web'] }],
    [{ authorization: ['Bearer key-of-web'], 'x-api-key': ['key-of-web'] }],
    [{ authorization: ['Basic eDp5'], 'x-api-key': ['key-of-web'] }],
  ])('lets a caller in whose key stands in %o', async (headers) => {
    expect(await enter(headers)).toBe(web);
  });

  it('distinguishes callers', async () => {
    expect(await enter({ 'x-api-key': ['key-of-ops'] })).toBe(ops);
  });

  it('checks the key of each request, whatever key came before it', async () => {
    const authenticate = createKeyAuthenticator({ keys, verifyJwt: undefined });
    const come = (key: string) => send(authenticate, { 'X-Api-Key': [key] });
    expect(await come('key-of-web')).toBe(web);
    expect(await come('key-of-web')).toBe(web);
    expect(await come('key-of-ops')).toBe(ops);
    expect(await come('key-of-nobody')).toBeInstanceOf(HttpError);
    expect(await send(authenticate, {})).toBeInstanceOf(HttpError);
    expect(await come('key-of-web')).toBe(web);
  });

  it.each<[string, Record<string, string[]>, string]>([
    ['no header', {}, 'Bearer realm="parley"'],
    ['an empty key', { 'x-api-key': [''] }, 'Bearer realm="parley"'],
    ['an empty bearer', { authorization: ['Bearer '] }, 'Bearer realm="parley"'],
    ['another scheme', { authorization: ['Basic key-of-web'] }, 'Bearer realm="parley"'],
    ['a bare key', { authorization: ['key-of-web'] }, 'Bearer realm="parley"'],
    ['a wrong key', { authorization: ['Bearer key-of-wet'] }, 'Bearer realm="parley", error="invalid_token"'],
    ['a part of a key', { 'x-api-key': ['key-of-we'] }, 'Bearer realm="parley", error="invalid_token"'],
    [
      'the hash of a key',
      { 'x-api-key': [digestOf('key-of-web').toString('hex')] },
      'Bearer realm="parley", error="invalid_token"',
    ],
    ['a name of Object', { 'x-api-key': ['__proto__'] }, 'Bearer realm="parley", error="invalid_token"'],
    [
      'two keys',
      { authorization: ['Bearer key-of-web'], 'api-key': ['key-of-ops'] },
      'Bearer realm="parley", error="invalid_request"',
    ],
    [
      'two headers',
      { authorization: ['Bearer key-of-web', 'Bearer x'] },
      'Bearer realm="parley", error="invalid_request"',
    ],
  ])('refuses %s, and never says what was given', async (_what, headers, challenge) => {
    const refusal = await enter(headers);
    expect(refusal).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', headers: { 'www-authenticate': challenge } });
    for (const given of Object.values(headers).flat()) {
      const secret = given.replace(/^(Bearer|Basic) /, '');
      if (secret !== '') expect(JSON.stringify(refusal)).not.toContain(secret);
    }
  });

  it('compares with every key, in full', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      digest: digestOf(`key-${index}`),
      caller: { ...web, id: `c${index}` },
    }));
    for (const index of [0, 25, 49]) {
      expect(await enter({ 'x-api-key': [`key-${index}`] }, { keys: many })).toMatchObject({ id: `c${index}` });
    }
  });

  it('reads what is not a key as a token, where tokens are configured', async () => {
    const read: string[] = [];
    const verifyJwt = async (token: string) => {
      read.push(token);
      return { ...web, id: 'jwt:ada' };
    };
    expect(await enter({ authorization: ['Bearer key-of-web'] }, { verifyJwt })).toBe(web);
    expect(await enter({ authorization: ['Bearer a.b.c'] }, { verifyJwt })).toMatchObject({ id: 'jwt:ada' });
    expect(read).toEqual(['a.b.c']);
  });
});
