import { GatewayError } from '../core/errors.ts';
import type { Amount, CallerLimits, Lease, Limits, LimitUse, Standing } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import {
  type Balance,
  type Bounds,
  type Ledger,
  ledgerTimes,
  type Reservation,
  type Reserved,
  type Used,
} from './ledger.ts';
import type { Counted, RequestCounter } from './request-counter.ts';

export type LimitsParts = {
  readonly requests: RequestCounter;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly newId: () => string;
};

/** When to ask again where only running calls are in the way: nobody knows when they end. */
const soonMs = 1_000;
/** And where it is hoped that what gateways share is back. */
const awayMs = 5_000;
/** A lease outlives two renewals that fail. */
const renewMs = ledgerTimes.leaseMs / 3;
const nothingHeld: Lease = { settle: () => {} };
const nothingUsed: Balance = { tokens: 0, streams: 0, nano: 0 };

export function createLimits({ requests, ledger, clock, newId }: LimitsParts): Limits {
  /** Others may keep theirs in the same ledger. */
  const ours = newId();
  let reservations = 0;

  function hold(reservation: Reservation): Lease {
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
        const standing = toStanding(counted, tokensPerMinute, undefined);
        return { standing, refusal: tooManyRequests(counted) };
      }
      if (!isKept(limits)) return { standing: toStanding(counted, undefined, undefined), lease: nothingHeld };
      reservations += 1;
      const id = `${ours}:${reservations}`;
      const reservation = { id, caller, isStream: need.isStream, ...toUsed(need) };
      const reserved = await ledger.reserve(reservation, toBounds(limits));
      const standing = toStanding(counted, (reserved.alone ?? limits).tokensPerMinute, reserved);
      const refusal = toRefusal(reserved, limits);
      return refusal ? { standing, refusal } : { standing, lease: hold(reservation) };
    },
    async look({ id: caller, limits }) {
      const { requestsPerMinute, tokensPerMinute, concurrentStreams, moneyPerDay } = limits;
      const [asked, { tokens, streams, nano }] = await Promise.all([
        requestsPerMinute === undefined ? 0 : requests.look(caller, requestsPerMinute),
        isKept(limits) ? ledger.look(caller) : nothingUsed,
      ]);
      return [
        ...toUse('requests', asked, requestsPerMinute),
        ...toUse('tokens', tokens, tokensPerMinute),
        ...toUse('streams', streams, concurrentStreams),
        ...toUse('money', nano / nanoPerUsd, moneyPerDay),
      ];
    },
  };
}

function toUse(limit: LimitUse['limit'], used: number, most: number | undefined): readonly LimitUse[] {
  return most === undefined ? [] : [{ limit, used, most }];
}

/** Whether anything is limited that the ledger keeps. */
function isKept({ tokensPerMinute, concurrentStreams, moneyPerDay }: CallerLimits): boolean {
  return (tokensPerMinute ?? concurrentStreams ?? moneyPerDay) !== undefined;
}

const nanoPerUsd = 1e9;

function toNano(usd: number): number {
  return Math.ceil(usd * nanoPerUsd);
}

function toUsed({ tokens, money }: Amount): Used {
  return { tokens: Math.ceil(tokens), nano: toNano(money) };
}

function toBounds({ tokensPerMinute, concurrentStreams, moneyPerDay }: CallerLimits): Bounds {
  const nanoPerDay = moneyPerDay === undefined ? undefined : toNano(moneyPerDay);
  return { tokensPerMinute, concurrentStreams, nanoPerDay };
}

function toStanding(
  requests: Counted | undefined,
  limit: number | undefined,
  reserved: Reserved | undefined,
): Standing {
  const tokens =
    limit !== undefined && reserved
      ? { limit, remaining: Math.max(0, limit - reserved.tokens), resetMs: reserved.minuteMs }
      : undefined;
  return { requests, tokens };
}

function tooManyRequests({ limit, resetMs }: Counted): GatewayError {
  const message = `This caller may send ${limit} requests a minute, and has; more in ${seconds(resetMs)}.`;
  return new GatewayError('RATE_LIMITED', message, { retryAfterMs: resetMs });
}

function toRefusal({ shortage, minuteMs, dayMs, alone }: Reserved, limits: CallerLimits): GatewayError | undefined {
  if (shortage === undefined) return undefined;
  if (alone) {
    const isMoney = shortage === 'spent' || shortage === 'held';
    const message = `What this caller has used cannot be looked up now, and what it may have without that is used up; more in ${seconds(awayMs)}.`;
    const details = { retryAfterMs: awayMs, retryable: true };
    return new GatewayError(isMoney ? 'BUDGET_EXCEEDED' : 'RATE_LIMITED', message, details);
  }
  switch (shortage) {
    case 'tokens': {
      const message = `This caller may use ${limits.tokensPerMinute} tokens a minute, and has, or runs calls that may; more in ${seconds(minuteMs)}.`;
      return new GatewayError('RATE_LIMITED', message, { retryAfterMs: minuteMs });
    }
    case 'streams': {
      const message = `This caller may have ${limits.concurrentStreams} streams open at a time, and has: wait for one to end.`;
      return new GatewayError('RATE_LIMITED', message, { retryAfterMs: soonMs });
    }
    case 'spent': {
      const message = `This caller has spent its ${limits.moneyPerDay} USD of this day; the next begins at midnight, UTC.`;
      return new GatewayError('BUDGET_EXCEEDED', message, { retryAfterMs: dayMs });
    }
    case 'held': {
      const message = `Running calls may spend what is left of this caller's ${limits.moneyPerDay} USD of this day. A lower maxTokens holds less.`;
      return new GatewayError('BUDGET_EXCEEDED', message, { retryAfterMs: soonMs, retryable: true });
    }
  }
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
