import type { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { record, statusAmong, type Wire } from '../read-json.ts';
import type { Profile } from './profile.ts';

/** Errors come with HTTP 200 too: as a whole body, as the first event of a stream or in its middle. */
export function throwIfFailure(profile: Profile, root: Wire): void {
  const failed = root['error'] !== undefined && root['error'] !== null && root['error'] !== '';
  const told = root['message'] !== undefined && (root['code'] !== undefined || root['object'] === 'error');
  const bare = root['choices'] === undefined && told;
  if (failed || bare) throw toToldFailure(profile, root);
}

/** A failure that came as an event or with HTTP 200. Its status stands in it, or came beside it, or nobody knows it. */
export function toToldFailure(profile: Profile, root: Wire, status = statusIn(root)): GatewayError {
  const failure = { status, headers: {}, body: JSON.stringify(root) };
  return profile.toFailure?.(failure) ?? toFailure(profile.id, failure);
}

function statusIn(root: Wire): number {
  const inner = record(root['error']);
  return statusAmong([inner['code'], inner['status'], root['raw_status_code'], root['code']]) ?? 200;
}
