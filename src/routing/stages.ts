import { maySendProviderOptions } from '../core/caller.ts';
import { toInvalidRequest } from '../core/chat.ts';
import type { Issue } from '../core/errors.ts';
import type { IdempotencyStore } from '../core/idempotency.ts';
import type { Limits } from '../core/limits.ts';
import type { Target } from '../core/model.ts';
import type { CostOf } from '../core/operation.ts';
import type { Clock, Timeouts } from '../core/ports.ts';
import { reservationFor } from './admission.ts';
import { checkAllowed } from './allowed-models.ts';
import type { Bulkhead, ConcurrencyLimits } from './concurrency.ts';
import { checkDisconnectPolicy } from './disconnect-policy.ts';
import type { Stage } from './pipeline.ts';
import { type Directory, resolveTargets } from './targets.ts';
import { withDeadline } from './timeouts.ts';

/** The stages between the arrival of a request and its first attempt, in the order in which the gateway runs them. */

/** Refuses with OVERLOADED or SHUTTING_DOWN before any work is done for the request. */
export function limitConcurrency(bulkhead: Bulkhead, limits: ConcurrencyLimits): Stage {
  return async (session, next) => {
    session.holdPermit(bulkhead.acquire(limits, session.caller));
    return next();
  };
}

/** Refuses with INVALID_REQUEST, and names every issue. */
export const validate: Stage = async (session, next) => {
  session.request = session.operation.parse(session.input);
  return next();
};

/**
 * Refuses with MODEL_NOT_ALLOWED, and with INVALID_REQUEST what is larger than this caller may send, or would make a provider
 * in the operator's network fetch an internal address.
 */
export function authorize(isPublicUrl: (url: string) => boolean): Stage {
  return async (session, next) => {
    const { operation, caller, request, mode } = session;
    checkAllowed(caller, request);
    checkDisconnectPolicy(caller, request, mode);
    operation.checkSize(request, caller.limits);
    if (operation.usesProviderOptions?.(request) && !maySendProviderOptions(caller))
      throw toInvalidRequest([notAllowed]);
    const issues = (operation.mediaUrls?.(request) ?? []).flatMap(({ path, url }): Issue[] =>
      isPublicUrl(url) ? [] : [{ path, message: 'Expected an address on the public internet (images.allowPrivate)' }],
    );
    if (issues.length > 0) throw toInvalidRequest(issues);
    return next();
  };
}

/** Refuses with UNKNOWN_PROVIDER and the like. */
export function resolve(directory: Directory): Stage {
  return async (session, next) => {
    const { operation, caller, request } = session;
    session.targets = operation.withLimits(request, resolveTargets(request, directory), caller.limits);
    return next();
  };
}

const notAllowed: Issue = {
  path: 'providerOptions',
  message: 'This caller may not send fields of a provider (allowProviderOptions)',
};

export type AdmitParts = {
  readonly idempotency: IdempotencyStore;
  readonly limits: Limits;
  readonly costOf: CostOf;
  readonly timeoutsFor: (target: Target) => Timeouts;
  readonly clock: Clock;
};

/** Claims the idempotency key and reserves the worst case: DUPLICATE_REQUEST, RATE_LIMITED, BUDGET_EXCEEDED. */
export function admit({ idempotency, limits, costOf, timeoutsFor, clock }: AdmitParts): Stage {
  return async (session, next) => {
    const { operation, caller, request, targets, mode, options } = session;
    const [first] = targets;
    if (!first) throw new Error('A request names at least one target');
    options.control?.checkRoom();
    const amount = reservationFor(caller, targets, (target) => operation.worstCase(request, target, costOf));
    if (request.requestId !== undefined) session.holdClaim(await idempotency.claim(caller, request.requestId));
    const admission = await limits.admit(caller, { ...amount, isStream: mode === 'stream' });
    options.onRateLimitStatus?.(admission.status);
    if ('refusal' in admission) throw admission.refusal;
    options.onAdmitted?.();
    session.holdReservation(admission.lease);
    session.admit(
      operation.createMeter(request, mode, costOf, clock),
      withDeadline(options.signal, clock, timeoutsFor(first)),
    );
    return next();
  };
}
