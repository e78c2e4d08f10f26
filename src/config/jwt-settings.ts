import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { JwtConfig } from './callers.ts';

/** How sign-in tokens are checked, with the key at hand or the place where the keys are. */
export type JwtSettings = Pick<
  JwtConfig,
  'issuer' | 'audience' | 'callerClaim' | 'clockToleranceSeconds' | 'models' | 'persistedOnly' | 'limits'
> & {
  readonly algorithms: readonly string[];
  readonly keys: URL | KeyObject;
};

/** Shorter ones can be guessed (RFC 7518 §3.2 asks for as much as the digest has). */
const minSecretBytes = 32;
const minRsaBits = 2048;

type Env = Readonly<Record<string, string | undefined>>;

/** Fetches nothing: a key set that cannot be reached is told to each caller, and does not keep the gateway from starting. */
export function readJwtSettings(jwt: JwtConfig, env: Env, problems: string[]): JwtSettings | undefined {
  const { jwksUrl, publicKeyEnv, secretEnv, algorithms, ...rest } = jwt;
  const keys = jwksUrl
    ? readKeySetUrl(jwksUrl, problems)
    : publicKeyEnv
      ? readPublicKey(publicKeyEnv, env, problems)
      : readSecret(secretEnv ?? '', env, problems);
  return (
    keys && { ...rest, keys, algorithms: algorithms ?? (secretEnv ? ['HS256'] : ['RS256', 'PS256', 'ES256', 'EdDSA']) }
  );
}

/** Whoever stands in the middle of a plain connection could hand out keys of their own. */
function readKeySetUrl(text: string, problems: string[]): URL | undefined {
  const url = new URL(text);
  if (url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return url;
  problems.push('jwt.jwksUrl: expected an https URL, for the keys decide who is let in');
  return undefined;
}

function readPublicKey(variable: string, env: Env, problems: string[]): KeyObject | undefined {
  const pem = env[variable];
  if (!pem) {
    problems.push(`${variable}: is not set, and jwt.publicKeyEnv names it`);
    return undefined;
  }
  // Where a variable cannot hold lines, they are written as \n.
  const key = parsePem(pem.replaceAll('\\n', '\n'));
  if (!key) problems.push(`${variable}: expected a public key in PEM ("-----BEGIN PUBLIC KEY-----")`);
  else if ((key.asymmetricKeyDetails?.modulusLength ?? minRsaBits) < minRsaBits) {
    problems.push(`${variable}: an RSA key of less than ${minRsaBits} bits is not safe`);
  } else return key;
  return undefined;
}

function parsePem(pem: string): KeyObject | undefined {
  try {
    return pem.includes('PRIVATE KEY') ? undefined : createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function readSecret(variable: string, env: Env, problems: string[]): KeyObject | undefined {
  const secret = Buffer.from(env[variable] ?? '');
  if (secret.length >= minSecretBytes) return createSecretKey(secret);
  problems.push(`${variable}: jwt.secretEnv needs a secret of at least ${minSecretBytes} bytes there`);
  return undefined;
}
