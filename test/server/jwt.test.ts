import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { exportJWK, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { openSocket } from '../support/raw-http.ts';

const issuer = 'https://sign-in.example/';
const claims = { sub: 'auth0|ada', iss: issuer, aud: 'parley' };

type Signing = {
  key: KeyObject | Uint8Array;
  alg?: string;
  header?: Partial<JWTHeaderParameters>;
  expires?: string | number | null;
};

function sign(
  payload: JWTPayload,
  { key, alg = 'RS256', header = { kid: 'k1' }, expires = '5m' }: Signing,
): Promise<string> {
  const token = new SignJWT(payload).setProtectedHeader({ alg, ...header });
  return (expires === null ? token : token.setExpirationTime(expires)).sign(key);
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const rules = `issuer: "${issuer}", audience: parley`;

async function answerTo(gateway: RunningGateway, token: string) {
  const { status, data, errors } = await query(gateway.url, '{ __typename }', {}, token);
  return data ? status : [status, errors?.[0]?.extensions?.['code'], errors?.[0]?.message];
}
const refused = [401, 'UNAUTHENTICATED', 'Invalid API key or token.'];

describe('a token of a frontend with its own sign-in', () => {
  let issuing: ProviderServer;
  let gateway: RunningGateway;
  let fails = false;
  beforeAll(async () => {
    const keys = [{ ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256' }];
    issuing = await startProvider((_request, response) => sendJson(response, fails ? 500 : 200, { keys }));
    gateway = await openGateway({ yaml: `${quickSandbox}jwt: { jwksUrl: "${issuing.url}/jwks.json", ${rules} }\n` });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await issuing.close();
  });

  it('is refused with 503 and one log line while the JWKS cannot be fetched', async () => {
    fails = true;
    const token = await sign(claims, { key: rsa.privateKey });
    const before = issuing.requests.length;
    expect(await answerTo(gateway, token)).toEqual([
      503,
      'AUTHENTICATION_UNAVAILABLE',
      'JWTs cannot be verified at the moment. Retry in 5 s.',
    ]);
    expect(gateway.log).toMatchObject([{ level: 'warn', message: expect.stringMatching(/rejecting all JWTs/) }]);
    // For any number of tokens: one fetch a second, and one line.
    await Promise.all(Array.from({ length: 40 }, () => answerTo(gateway, token)));
    expect(issuing.requests.length - before).toBeLessThan(5);
    expect(gateway.log).toHaveLength(1);
    expect(JSON.stringify(gateway.log)).not.toContain(token);
    fails = false;
  });

  it('admits a signed-in user, and fetches the keys once', async () => {
    // After a failed fetch the issuer is not asked for a second.
    const before = issuing.requests.length;
    await expect
      .poll(async () => answerTo(gateway, await sign(claims, { key: rsa.privateKey })), { timeout: 5_000 })
      .toBe(200);
    for (let turn = 0; turn < 5; turn++) {
      expect(await answerTo(gateway, await sign(claims, { key: rsa.privateKey }))).toBe(200);
    }
    expect(issuing.requests.length - before).toBe(1);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['of another issuer', () => sign({ ...claims, iss: 'https://evil.example/' }, { key: rsa.privateKey })],
    ['for another audience', () => sign({ ...claims, aud: 'other' }, { key: rsa.privateKey })],
    ['signed by a stranger', () => sign(claims, { key: stranger.privateKey })],
    [
      'with a key that the issuer does not have',
      () => sign(claims, { key: stranger.privateKey, header: { kid: 'k2' } }),
    ],
    ['that never ends', () => sign(claims, { key: rsa.privateKey, expires: null })],
    ['without the claim that names its caller', () => sign({ iss: issuer, aud: 'parley' }, { key: rsa.privateKey })],
    ['without a signature', () => new UnsecuredJWT(claims).setExpirationTime('5m').encode()],
    [
      'whose signature is made with the public key, as if it were a secret',
      () => sign(claims, { key: Buffer.from(pem), alg: 'HS256' }),
    ],
    ['whose body was changed', async () => changed(await sign(claims, { key: rsa.privateKey }))],
    ['that is none', () => 'a.b.c'],
  ])('refuses one %s', async (_what, token) => {
    expect(await answerTo(gateway, await token())).toEqual(refused);
  });

  it('is rejected with a log line that has the reason, once in a while, and never the token', async () => {
    const before = gateway.log.length;
    const foreign = await sign({ ...claims, iss: 'https://evil.example/' }, { key: rsa.privateKey });
    const forged = await sign(claims, { key: stranger.privateKey });
    for (let turn = 0; turn < 20; turn++) {
      expect(await answerTo(gateway, foreign)).toEqual(refused);
      expect(await answerTo(gateway, forged)).toEqual(refused);
    }
    // The tokens of other tests may have been rejected for the same reasons a moment ago.
    const lines = gateway.log.slice(before);
    expect(lines.length).toBeLessThanOrEqual(2);
    const reasons = gateway.log.flatMap(({ message }) => /^JWT rejected: (.*)$/.exec(message)?.[1] ?? []);
    expect(new Set(reasons)).toEqual(new Set(reasons).add('issuer').add('audience').add('signature'));
    expect(reasons.length).toBe(new Set(reasons).size);
    expect(JSON.stringify(gateway.log)).not.toContain(forged.slice(-20));
  });

  it('is refused by its expiry, with 30 seconds of clock tolerance', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await answerTo(gateway, await sign(claims, { key: rsa.privateKey, expires: now - 20 }))).toBe(200);
    expect(await answerTo(gateway, await sign(claims, { key: rsa.privateKey, expires: now - 40 }))).toEqual([
      401,
      'UNAUTHENTICATED',
      'The token has expired.',
    ]);
  });

  it.each(['', 'a\nb', 'ä', 'x'.repeat(129)])('is refused with the name %j, which is never changed', async (sub) => {
    const [status, code] = (await answerTo(
      gateway,
      await sign({ ...claims, sub }, { key: rsa.privateKey }),
    )) as unknown[];
    expect([status, code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('separates request ids: each name is a caller of its own', async () => {
    const asked = async (sub: string) => {
      const token = await sign({ ...claims, sub }, { key: rsa.privateKey });
      const document = `{ chat(input: { model: "openai/gpt-4o", requestId: "r1", messages: [{ role: USER, content: "x" }] }) { __typename } }`;
      return (await query(gateway.url, document, {}, token)).data;
    };
    expect(await asked('ada')).toEqual({ chat: { __typename: 'Completion' } });
    expect(await asked('ada')).toEqual({ chat: { __typename: 'ChatFailure' } });
    expect(await asked('eve')).toEqual({ chat: { __typename: 'Completion' } });
  });

  it('is never an admin', async () => {
    const token = await sign({ ...claims, admin: true }, { key: rsa.privateKey });
    const { errors } = await query(gateway.url, '{ __schema { queryType { name } } }', {}, token);
    expect(errors).toMatchObject([{ extensions: { code: 'INTROSPECTION_DISABLED' } }]);
  });
});

describe('a client that disconnects during the check of its token', () => {
  it('costs nothing: no provider is called', async () => {
    const keys = [{ ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256' }];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const issuing = await startProvider((_request, response) => released.then(() => sendJson(response, 200, { keys })));
    const provider = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Hi')));
    const gateway = await openGateway({
      yaml: localProvider(provider.url, `jwt: { jwksUrl: "${issuing.url}/jwks.json", ${rules} }\n`),
    });
    const token = await sign(claims, { key: rsa.privateKey });
    const document = '{ chat(input: { model: "local/x", messages: [{ role: USER, content: "x" }] }) { __typename } }';
    const body = JSON.stringify({ query: document });
    const left = openSocket(gateway.url);
    left.write(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await issuing.received(1);
    const stayed = query(gateway.url, document, {}, token);
    left.destroy();
    await once(left, 'close');
    await fetch(`${gateway.url}/healthz`);
    release();
    expect(await stayed).toMatchObject({ data: { chat: { __typename: 'Completion' } } });
    expect(provider.requests).toHaveLength(1);
    await gateway[Symbol.asyncDispose]();
    await Promise.all([issuing.close(), provider.close()]);
  });
});

/** Another name in the same token. */
function changed(token: string): string {
  const [header, body = '', signature] = token.split('.');
  const payload = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'root' };
  return [header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.');
}

describe('a local public key', () => {
  const secret = 's'.repeat(32);

  it.each<[string, string, Record<string, string>, Signing]>([
    ['a public RSA key', 'publicKeyEnv: SIGN_IN', { SIGN_IN: pem }, { key: rsa.privateKey }],
    ['a PEM in one line', 'publicKeyEnv: SIGN_IN', { SIGN_IN: pem.replaceAll('\n', '\\n') }, { key: rsa.privateKey }],
    ['a shared secret', 'secretEnv: SIGN_IN', { SIGN_IN: secret }, { key: Buffer.from(secret), alg: 'HS256' }],
  ])('can be %s', async (_what, source, env, signing) => {
    await using gateway = await openGateway({ env, yaml: `${quickSandbox}jwt: { ${source}, ${rules} }\n` });
    expect(await answerTo(gateway, await sign(claims, signing))).toBe(200);
    expect(await answerTo(gateway, await sign(claims, { key: stranger.privateKey }))).toEqual(refused);
    expect(await answerTo(gateway, await sign(claims, { key: Buffer.from(pem), alg: 'HS256' }))).toEqual(refused);
  });

  it('accepts an elliptic curve with its own algorithm only', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const env = { SIGN_IN: ec.publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    await using gateway = await openGateway({ env, yaml: `${quickSandbox}jwt: { publicKeyEnv: SIGN_IN, ${rules} }\n` });
    expect(await answerTo(gateway, await sign(claims, { key: ec.privateKey, alg: 'ES256' }))).toBe(200);
    expect(await answerTo(gateway, await sign(claims, { key: rsa.privateKey }))).toEqual(refused);
    expect(gateway.log.map(({ message }) => message)).toEqual(['JWT rejected: form']);
  });
});
