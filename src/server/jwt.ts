import type { KeyObject } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import { HttpError } from '../http/http-error.ts';
import { unauthenticated } from './authenticate.ts';
import { createJwtRejectionLog } from './jwt-rejections.ts';

export type JwtVerifierOptions = Pick<Caller, 'persistedOnly'> & {
  readonly models?: Caller['models'];
  readonly limits?: Caller['limits'];
  readonly keep?: Caller['keep'];
  readonly providerOptions?: boolean;
  /** The key, or a function that finds it by the token's header and throws a GatewayError when it cannot. */
  readonly key: KeyObject | JWTVerifyGetKey;
  /** Never "none", and none that would use a public key as a secret. */
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  /** The claim that identifies the caller. */
  readonly callerClaim: string;
  readonly clockToleranceSeconds: number;
  readonly log: Log;
  readonly clock: Clock;
};

/** Verifies the JWTs (RFC 7519) of a frontend's own sign-in. */
export function createJwtVerifier(options: JwtVerifierOptions): (token: string) => Promise<Caller> {
  const { callerClaim, models, limits = {}, persistedOnly, keep, providerOptions } = options;
  const availability = { isAvailable: true };
  const onRejected = createJwtRejectionLog(options.clock, options.log, options.issuer);
  return async (token) => ({
    id: `jwt:${toId(await verify(token, options, availability, onRejected), callerClaim)}`,
    admin: false,
    persistedOnly,
    models,
    limits,
    ...(keep && { keep }),
    ...(providerOptions !== undefined && { providerOptions }),
  });
}

/** Whether keys were found the last time: the log has one line per change. */
type Availability = { isAvailable: boolean };

async function verify(
  token: string,
  options: JwtVerifierOptions,
  availability: Availability,
  onRejected: (thrown: unknown) => void,
): Promise<JWTPayload> {
  const { key, algorithms, issuer, audience, callerClaim, clockToleranceSeconds, log } = options;
  const rules = {
    algorithms: [...algorithms],
    issuer,
    audience,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', callerClaim],
  };
  try {
    const { payload, protectedHeader } =
      typeof key === 'function' ? await jwtVerify(token, key, rules) : await jwtVerify(token, key, rules);
    if (!availability.isAvailable) log.info({ issuer }, 'JWKS available again');
    availability.isAvailable = true;
    if (!isAccessToken(protectedHeader.typ)) throw new errors.JWTInvalid('unexpected typ');
    return payload;
  } catch (thrown) {
    if (thrown instanceof GatewayError) {
      if (availability.isAvailable) log.warn({ err: thrown, issuer }, 'JWKS unavailable; rejecting all JWTs');
      availability.isAvailable = false;
      const message = 'JWTs cannot be verified at the moment. Retry in 5 s.';
      throw new HttpError(503, 'AUTHENTICATION_UNAVAILABLE', message, { 'retry-after': '5' });
    }
    onRejected(thrown);
    // Reported only for a valid signature: the frontend has to know that it must renew the token.
    if (thrown instanceof errors.JWTExpired) throw unauthenticated('The token has expired.', 'invalid_token');
    throw unauthenticated('Invalid API key or token.', 'invalid_token');
  }
}

/** RFC 8725 §3.11: a token of another kind (logout, DPoP proof) is no credential, though the same keys sign it. */
function isAccessToken(typ: string | undefined): boolean {
  const kind = typ?.toLowerCase().replace(/^application\//, '');
  return kind === undefined || kind === 'jwt' || kind === 'at+jwt';
}

/** Refused rather than cleaned: two users whose names become the same one would be one caller. */
function toId(payload: JWTPayload, claim: string): string {
  const value = payload[claim];
  if (typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value)) return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw unauthenticated(`The claim "${claim}" of the token is not 1 to 128 visible ASCII characters.`, 'invalid_token');
}
