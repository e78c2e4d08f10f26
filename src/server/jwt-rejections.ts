import { errors } from 'jose';
import type { Clock, Log } from '../core/ports.ts';

/** Why a token was rejected, from a closed list. Clients get one message for all but `expired`. */
export type JwtRejection =
  | 'issuer'
  | 'audience'
  | 'signature'
  | 'expired'
  | 'claims'
  | 'unknown key'
  | 'algorithm'
  | 'form';

/** One line per reason in this time, so that strangers cannot fill the log. */
const quietMs = 10_000;

/** Logs why tokens are rejected, without the token: the reason, the issuer of the configuration, and how many more there were. */
export function createJwtRejectionLog(clock: Clock, log: Log, issuer: string): (thrown: unknown) => void {
  const last = new Map<JwtRejection, { at: number; unreported: number }>();
  return (thrown) => {
    const reason = reasonOf(thrown);
    const known = last.get(reason);
    const now = clock.now();
    if (known && now - known.at < quietMs) {
      known.unreported += 1;
      return;
    }
    last.set(reason, { at: now, unreported: 0 });
    log.info({ reason, issuer, ...(known?.unreported && { unreported: known.unreported }) }, `JWT rejected: ${reason}`);
  };
}

function reasonOf(thrown: unknown): JwtRejection {
  if (thrown instanceof errors.JWTExpired) return 'expired';
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    if (thrown.claim === 'iss') return 'issuer';
    return thrown.claim === 'aud' ? 'audience' : 'claims';
  }
  if (thrown instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (thrown instanceof errors.JWKSNoMatchingKey) return 'unknown key';
  if (thrown instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  return 'form';
}
