import type { CallerLimits } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Amount, Lease, Limits, LimitUse, RateLimitStatus } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import {
  type Balance,
  type Ledger,
  type LedgerLimits,
  type LedgerReservation,
  ledgerTimes,
  type ReservationResult,
  type Used,
} from './ledger.ts';
import type { RequestCount, RequestCounter } from './request-counter.ts';

export type LimitsParts = {
  readonly requests: RequestCounter;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly newId: () => string;
};

/** Retry-After where only running requests are in the way; their end is unknown. */
const concurrencyRetryAfterMs = 1_000;
/** Retry-After while the shared store is unavailable. */
const storeRetryAfterMs = 5_000;
/** A lease survives two failed renewals. */
const renewMs = ledgerTimes.leaseMs / 3;
const nothingHeld: Lease = { settle: () => {} };
const nothingUsed: Balance = { tokens: 0, streams: 0, nanoUsd: 0 };

export function createLimits({ requests, ledger, clock, newId }: LimitsParts): Limits {
  /** Other gateways may use the same ledger. */
  const ours = newId();
  let reservations = 0;

  function hold(reservation: LedgerReservation): Lease {
    let stop = clock.after(renewMs, renew);
    function renew(): void {
      void ledger.renew(reservation);
      stop = clock.after(renewMs, renew);
    }
    let isSettled = false;
    return {
      settle(used) {
        if (isSettled) return;
        isSettled = true;
        stop();
        void ledger.settle(reservation, toUsed(used));
      },
    };
  }

  return {
    async admit({ id: caller, limits }, need) {
      const { requestsPerMinute, tokensPerMinute } = limits;
      const counted = requestsPerMinute === undefined ? undefined : await requests.count(caller, requestsPerMinute);
      if (counted?.isOver) {
        const status = toRateLimitStatus(counted, tokensPerMinute, undefined);
        return { status, refusal: tooManyRequests(counted) };
      }
      if (!usesLedger(limits)) return { status: toRateLimitStatus(counted, undefined, undefined), lease: nothingHeld };
      reservations += 1;
      const id = `${ours}:${reservations}`;
      const reservation = { id, caller, isStream: need.isStream, ...toUsed(need) };
      const reserved = await ledger.reserve(reservation, toBounds(limits));
      const status = toRateLimitStatus(counted, (reserved.fallbackLimits ?? limits).tokensPerMinute, reserved);
      const refusal = toRefusal(reserved, limits);
      return refusal ? { status, refusal } : { status, lease: hold(reservation) };
    },
    async currentUse({ id: caller, limits }) {
      const { requestsPerMinute, tokensPerMinute, concurrentStreams, budgetPerDayUsd } = limits;
      const [asked, { tokens, streams, nanoUsd }] = await Promise.all([
        requestsPerMinute === undefined ? 0 : requests.current(caller, requestsPerMinute),
        usesLedger(limits) ? ledger.balance(caller) : nothingUsed,
      ]);
      return [
        ...toUse('requests', asked, requestsPerMinute),
        ...toUse('tokens', tokens, tokensPerMinute),
        ...toUse('streams', streams, concurrentStreams),
        ...toUse('money', nanoUsd / nanoPerUsd, budgetPerDayUsd),
      ];
    },
  };
}

function toUse(limit: LimitUse['limit'], used: number, max: number | undefined): readonly LimitUse[] {
  return max === undefined ? [] : [{ limit, used, max }];
}

/** Whether a limit is set that the ledger keeps. */
function usesLedger({ tokensPerMinute, concurrentStreams, budgetPerDayUsd }: CallerLimits): boolean {
  return (tokensPerMinute ?? concurrentStreams ?? budgetPerDayUsd) !== undefined;
}

const nanoPerUsd = 1e9;

function toNano(usd: number): number {
  return Math.ceil(usd * nanoPerUsd);
}

function toUsed({ tokens, usd }: Amount): Used {
  return { tokens: Math.ceil(tokens), nanoUsd: toNano(usd) };
}

function toBounds({ tokensPerMinute, concurrentStreams, budgetPerDayUsd }: CallerLimits): LedgerLimits {
  const nanoUsdPerDay = budgetPerDayUsd === undefined ? undefined : toNano(budgetPerDayUsd);
  return { tokensPerMinute, concurrentStreams, nanoUsdPerDay };
}

function toRateLimitStatus(
  requests: RequestCount | undefined,
  limit: number | undefined,
  reserved: ReservationResult | undefined,
): RateLimitStatus {
  const tokens =
    limit !== undefined && reserved
      ? { limit, remaining: Math.max(0, limit - reserved.tokens), resetMs: reserved.minuteMs }
      : undefined;
  return { requests, tokens };
}

function tooManyRequests({ limit, resetMs }: RequestCount): GatewayError {
  const message = `Rate limit exceeded: ${limit} requests per minute. Retry in ${seconds(resetMs)}.`;
  return new GatewayError('RATE_LIMITED', message, { retryAfterMs: resetMs });
}

function toRefusal(
  { shortage, minuteMs, dayMs, fallbackLimits }: ReservationResult,
  limits: CallerLimits,
): GatewayError | undefined {
  if (shortage === undefined) return undefined;
  if (fallbackLimits) {
    const isMoney = shortage === 'spent' || shortage === 'held';
    const message = `Usage store unavailable, and the local fallback limit is exhausted. Retry in ${seconds(storeRetryAfterMs)}.`;
    const details = { retryAfterMs: storeRetryAfterMs, retryable: true };
    return new GatewayError(isMoney ? 'BUDGET_EXCEEDED' : 'RATE_LIMITED', message, details);
  }
  switch (shortage) {
    case 'tokens': {
      const message = `Token rate limit exceeded: ${limits.tokensPerMinute} tokens per minute (including tokens reserved by running requests). Retry in ${seconds(minuteMs)}.`;
      return new GatewayError('RATE_LIMITED', message, { retryAfterMs: minuteMs });
    }
    case 'streams': {
      const message = `Too many concurrent streams: limit ${limits.concurrentStreams}. Retry when one has ended.`;
      return new GatewayError('RATE_LIMITED', message, { retryAfterMs: concurrencyRetryAfterMs });
    }
    case 'spent': {
      const message = `Daily budget of ${limits.budgetPerDayUsd} USD exceeded. It resets at midnight UTC.`;
      return new GatewayError('BUDGET_EXCEEDED', message, { retryAfterMs: dayMs });
    }
    case 'held': {
      const message = `Daily budget of ${limits.budgetPerDayUsd} USD is fully reserved by running requests. Retry when they finish, or lower maxTokens.`;
      return new GatewayError('BUDGET_EXCEEDED', message, { retryAfterMs: concurrencyRetryAfterMs, retryable: true });
    }
  }
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
