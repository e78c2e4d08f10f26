import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/ports.ts';

/** Tokens that reserve an event stream for a caller. They carry their own proof, so that a reservation takes no memory. */
export type ReservationTokens = {
  create(caller: string): string;
  /** Whether it was made here for this caller, and is not too old to open a stream. */
  isValid(token: string, caller: string): boolean;
};

/** Time between the reservation and the stream. */
const validMs = 30_000;

export function createReservationTokens(clock: Clock): ReservationTokens {
  const secret = randomBytes(32);
  const proofOf = (claim: string, caller: string) =>
    createHmac('sha256', secret).update(`${claim}.${caller}`).digest('base64url');

  return {
    create(caller) {
      const claim = `${randomBytes(16).toString('base64url')}.${Math.ceil(clock.now() + validMs)}`;
      return `${claim}.${proofOf(claim, caller)}`;
    },
    isValid(token, caller) {
      if (token.length > 200) return false;
      const end = token.lastIndexOf('.');
      const claim = token.slice(0, end);
      const expected = Buffer.from(proofOf(claim, caller));
      const given = Buffer.from(token.slice(end + 1));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
      return Number(claim.slice(claim.indexOf('.') + 1)) > clock.now();
    },
  };
}
