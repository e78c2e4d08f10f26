import type { GatewayError } from '../../core/errors.ts';
import { toFailure } from '../decode-error.ts';
import { object, statusAmong, type WireObject } from '../read-json.ts';
import type { Profile } from './profile.ts';

/** Errors come with HTTP 200 too: as a body, as the first event of a stream, or in its middle. */
export function throwIfFailure(profile: Profile, root: WireObject): void {
  const failed = root['error'] !== undefined && root['error'] !== null && root['error'] !== '';
  const errorBody = root['message'] !== undefined && (root['code'] !== undefined || root['object'] === 'error');
  const bare = root['choices'] === undefined && errorBody;
  if (failed || bare) throw toFailureFromBody(profile, root);
}

/** A failure in an event or with HTTP 200. Its status is in it, came beside it, or is unknown. */
export function toFailureFromBody(profile: Profile, root: WireObject, status = statusIn(root)): GatewayError {
  const failure = { status, headers: {}, body: JSON.stringify(root) };
  return profile.toFailure?.(failure) ?? toFailure(profile.id, failure);
}

function statusIn(root: WireObject): number {
  const inner = object(root['error']);
  return statusAmong([inner['code'], inner['status'], root['raw_status_code'], root['code']]) ?? 200;
}
