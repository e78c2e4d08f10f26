import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { configFolder, type GatewaySettings } from '../support/gateway-process.ts';

function load({ env = {}, ...files }: GatewaySettings = {}) {
  // The providers are not the subject here.
  const all = { PARLEY_SANDBOX: '1', ...env };
  return loadConfig({ directory: configFolder(files), env: all, builtIn: builtInProviders, insecure: false });
}

function problemsOf(given: GatewaySettings): readonly string[] {
  try {
    load(given);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

const web = callerKey('web');
const rules = 'issuer: "https://a.example", audience: parley';
const secret = 's'.repeat(32);
const pemOf = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ type: 'spki', format: 'pem' }).toString();

describe('callers', () => {
  it('are optional on loopback, where the playground is on', () => {
    const { allowsAnonymous, server, graphql } = load();
    expect([allowsAnonymous, server.graphiql, graphql.introspection]).toEqual([true, true, true]);
  });

  it('require authentication, and turn the playground off', () => {
    const { allowsAnonymous, server, graphql, callers } = load({ yaml: callersYaml(web) });
    expect([allowsAnonymous, server.graphiql, graphql.introspection]).toEqual([false, false, false]);
    expect(callers).toMatchObject([{ name: 'web', admin: false, persistedOnly: false }]);
  });

  it('with tokens alone require authentication, too', () => {
    const { allowsAnonymous, server } = load({
      yaml: `jwt: { secretEnv: SECRET, ${rules} }\n`,
      env: { SECRET: secret },
    });
    expect([allowsAnonymous, server.graphiql]).toEqual([false, false]);
  });

  it('leave the playground on if configured so', () => {
    const yaml = `server: { graphiql: true }\ngraphql: { introspection: true }\n${callersYaml(web)}`;
    const { server, graphql } = load({ yaml });
    expect([server.graphiql, graphql.introspection]).toEqual([true, true]);
  });

  it('allow a public address', () => {
    expect(load({ yaml: callersYaml(web), env: { HOST: '0.0.0.0' } }).host).toBe('0.0.0.0');
    const jwt = `jwt: { secretEnv: SECRET, ${rules} }\n`;
    expect(load({ yaml: jwt, env: { HOST: '0.0.0.0', SECRET: secret } }).host).toBe('0.0.0.0');
    expect(problemsOf({ yaml: 'callers: []\n', env: { HOST: '0.0.0.0' } })).toEqual([
      expect.stringMatching(/^HOST: .*parley keys new/),
    ]);
  });

  it('leave the playground off on a public address without keys', () => {
    const files = {
      directory: configFolder({}),
      env: { HOST: '0.0.0.0', PARLEY_SANDBOX: '1' },
      builtIn: builtInProviders,
      insecure: true,
    };
    const { allowsAnonymous, server, graphql } = loadConfig(files);
    expect([allowsAnonymous, server.graphiql, graphql.introspection]).toEqual([true, false, false]);
  });

  it.each<[string, string, RegExp]>([
    ['no hash', 'callers: [{ name: a }]', /^parley\.yaml:1: callers\[0\]\.sha256: Expected the SHA-256 of a key/],
    [
      'an empty hash',
      'callers: [{ name: a, sha256: "" }]',
      /callers\[0\]\.sha256: Expected the SHA-256 of a key, 64 hex/,
    ],
    [
      'a short hash',
      'callers: [{ name: a, sha256: "abc123" }]',
      /callers\[0\]\.sha256: Expected the SHA-256 of a key, 64 hex/,
    ],
    ['a key instead of its hash', `callers: [{ name: a, sha256: "${web.key}" }]`, /callers\[0\]\.sha256: Expected/],
    [
      'the hash of nothing',
      'callers: [{ name: a, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }]',
      /the SHA-256 of an empty string/,
    ],
    ['no name', `callers: [{ sha256: "${'a'.repeat(64)}" }]`, /callers\[0\]\.name: /],
    [
      'the name of a token',
      `callers: [{ name: "jwt:a", sha256: "${'a'.repeat(64)}" }]`,
      /callers\[0\]\.name: Use letters/,
    ],
    [
      'a list of no models',
      `callers: [{ name: a, sha256: "${'a'.repeat(64)}", models: [] }]`,
      /callers\[0\]\.models: /,
    ],
    [
      'a model without its provider',
      `callers: [{ name: a, sha256: "${'a'.repeat(64)}", models: [gpt-4o] }]`,
      /models\[0\]: Expected "provider\/model"/,
    ],
    [
      'everything by a star',
      `callers: [{ name: a, sha256: "${'a'.repeat(64)}", models: ["*"] }]`,
      /models\[0\]: Expected/,
    ],
    [
      'a star that is no group',
      `callers: [{ name: a, sha256: "${'a'.repeat(64)}", models: ["openai/gpt*"] }]`,
      /models\[0\]: Expected/,
    ],
    [
      'an unknown permission',
      `callers: [{ name: a, sha256: "${'a'.repeat(64)}", root: true }]`,
      /callers\[0\]\.root: Unknown setting/,
    ],
    [
      'a key for persisted operations without any',
      `callers: [{ name: a, sha256: "${'a'.repeat(64)}", persistedOnly: true }]`,
      /^graphql\.persistedOperations: not set/,
    ],
  ])('with %s do not start', (_what, yaml, problem) => {
    const problems = problemsOf({ yaml: `${yaml}\n` });
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain(web.key);
  });

  it('are identified in messages by name and by key', () => {
    const { entry } = web;
    expect(problemsOf({ yaml: `callers:\n  - ${entry}\n  - ${entry}\n` })).toEqual([
      'parley.yaml:3: callers[1].name: Another caller has this name',
      'parley.yaml:3: callers[1].sha256: Another caller has this key',
    ]);
  });
});

describe('tokens', () => {
  it.each<[string, string, Record<string, string>, string | RegExp]>([
    ['no key', rules, {}, 'parley.yaml:1: jwt: Give exactly one of jwksUrl, publicKeyEnv, secretEnv'],
    [
      'two keys',
      `secretEnv: S, publicKeyEnv: P, ${rules}`,
      {},
      'parley.yaml:1: jwt: Give exactly one of jwksUrl, publicKeyEnv, secretEnv',
    ],
    ['no audience', 'secretEnv: S, issuer: a', { S: secret }, /^parley\.yaml:1: jwt\.audience: /],
    [
      'the algorithm "none"',
      `secretEnv: S, algorithms: [none], ${rules}`,
      { S: secret },
      /^parley\.yaml:1: jwt\.algorithms\[0\]: /,
    ],
    ['no algorithm', `secretEnv: S, algorithms: [], ${rules}`, { S: secret }, /^parley\.yaml:1: jwt\.algorithms: /],
    [
      'a secret for a public key',
      `publicKeyEnv: P, algorithms: [HS256], ${rules}`,
      { P: pemOf(2048) },
      /jwt\.algorithms\[0\]: Is no algorithm for publicKeyEnv; use RS256/,
    ],
    [
      'a public key for a secret',
      `secretEnv: S, algorithms: [RS256], ${rules}`,
      { S: secret },
      /jwt\.algorithms\[0\]: Is no algorithm for secretEnv; use HS256/,
    ],
    ['an empty secret', `secretEnv: S, ${rules}`, { S: '' }, 'S: jwt.secretEnv needs a secret of at least 32 bytes'],
    [
      'a short secret',
      `secretEnv: S, ${rules}`,
      { S: 'short' },
      'S: jwt.secretEnv needs a secret of at least 32 bytes',
    ],
    ['a public key that is not set', `publicKeyEnv: P, ${rules}`, {}, 'P: not set, but jwt.publicKeyEnv names it'],
    [
      'a public key that is none',
      `publicKeyEnv: P, ${rules}`,
      { P: 'nonsense' },
      'P: expected a public key in PEM ("-----BEGIN PUBLIC KEY-----")',
    ],
    ['a weak public key', `publicKeyEnv: P, ${rules}`, { P: pemOf(1024) }, 'P: an RSA key needs at least 2048 bits'],
    [
      'keys over a plain connection',
      `jwksUrl: "http://a.example/jwks", ${rules}`,
      {},
      'jwt.jwksUrl: expected an https URL, because its keys decide who is authenticated',
    ],
  ])('with %s do not start', (_what, jwt, env, problem) => {
    const problems = problemsOf({ yaml: `jwt: { ${jwt} }\n`, env });
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('nonsense');
  });

  it('refuse a private key, and print none', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const P = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(problemsOf({ yaml: `jwt: { publicKeyEnv: P, ${rules} }\n`, env: { P } })).toHaveLength(1);
    const config = load({ yaml: `jwt: { secretEnv: S, ${rules} }\n`, env: { S: `canary${secret}` } });
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('canary');
  });
});

describe('origins and hosts', () => {
  it.each([
    '*',
    'app.example',
    'https://app.example/',
    'https://app.example/path',
    'https://*.app.example',
    'https://APP.example',
    'https://app.example:443',
    'null',
    'file://x',
  ])('%s is no origin', (origin) => {
    expect(problemsOf({ yaml: `server: { cors: ["${origin}"] }\n` })).toEqual([
      'parley.yaml:1: server.cors[0]: Expected an origin, such as https://app.example',
    ]);
  });

  it.each(['https://app.example', 'http://localhost:5173', 'https://app.example:8443'])('%s is valid', (origin) => {
    expect(load({ yaml: `server: { cors: ["${origin}"] }\n` }).server.cors).toEqual([origin]);
  });

  it.each(['parley.example:443', 'https://parley.example', 'PARLEY.example', '*'])('%s is no host name', (host) => {
    expect(problemsOf({ yaml: `server: { hosts: ["${host}"] }\n` })).toEqual([
      'parley.yaml:1: server.hosts[0]: Expected a host name in lower case, without a port',
    ]);
  });
});
