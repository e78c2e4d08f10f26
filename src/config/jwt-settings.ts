import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { JwtConfig } from './callers.ts';

/** How JWTs are verified, with the key itself or the URL of its JWKS. */
export type JwtSettings = Pick<
  JwtConfig,
  | 'issuer'
  | 'audience'
  | 'callerClaim'
  | 'clockToleranceSeconds'
  | 'models'
  | 'persistedOnly'
  | 'allowProviderOptions'
  | 'limits'
  | 'resume'
> & {
  readonly algorithms: readonly string[];
  readonly keys: URL | KeyObject;
};

/** Shorter secrets can be guessed (RFC 7518 §3.2 requires the size of the digest). */
const minSecretBytes = 32;
const minRsaBits = 2048;

type Env = Readonly<Record<string, string | undefined>>;

/** Fetches nothing: an unreachable JWKS is reported per request and does not keep the gateway from starting. */
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

/** On a plain connection a man in the middle could supply keys of his own. */
function readKeySetUrl(text: string, problems: string[]): URL | undefined {
  const url = new URL(text);
  if (url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return url;
  problems.push('jwt.jwksUrl: expected an https URL, because its keys decide who is authenticated');
  return undefined;
}

function readPublicKey(variable: string, env: Env, problems: string[]): KeyObject | undefined {
  const pem = env[variable];
  if (!pem) {
    problems.push(`${variable}: not set, but jwt.publicKeyEnv names it`);
    return undefined;
  }
  // Variables that cannot hold line breaks write them as \n.
  const key = parsePem(pem.replaceAll('\\n', '\n'));
  if (!key) problems.push(`${variable}: expected a public key in PEM ("-----BEGIN PUBLIC KEY-----")`);
  else if ((key.asymmetricKeyDetails?.modulusLength ?? minRsaBits) < minRsaBits) {
    problems.push(`${variable}: an RSA key needs at least ${minRsaBits} bits`);
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
  const text = env[variable] ?? '';
  if (isPublicKeyText(text)) {
    problems.push(`${variable}: looks like a public key, which anyone may have; use jwt.publicKeyEnv for it`);
    return undefined;
  }
  const secret = Buffer.from(text);
  if (secret.length >= minSecretBytes) return createSecretKey(secret);
  problems.push(`${variable}: jwt.secretEnv needs a secret of at least ${minSecretBytes} bytes`);
  return undefined;
}

/** PEM, SSH or JWK. As a shared secret it would let everybody sign who has it. */
function isPublicKeyText(text: string): boolean {
  return text.includes('-----BEGIN') || /^(ssh|ecdsa)-/.test(text) || /"kty"\s{0,9}:/.test(text.slice(0, 10_000));
}
