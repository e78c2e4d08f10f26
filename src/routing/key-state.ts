import type { FailureCode, GatewayError } from '../core/errors.ts';
import type { KeyCooldowns } from '../core/key-cooldowns.ts';
import type { KeyCooldown } from '../core/model.ts';
import type { Clock, Log, Random } from '../core/ports.ts';
import { createRecent } from '../core/recent.ts';
import type { Secret } from '../core/secret.ts';
import { type Admission, type Breaker, type BreakerSettings, createBreaker } from './breaker.ts';

/** One key of a provider, and what its answers have taught. */

/** How long a key rests where the provider does not say, in milliseconds. */
export type CooldownSettings = {
  readonly rateLimitMs: number;
  readonly authenticationMs: number;
  readonly billingMs: number;
};

/** A key under the name by which attempts and logs tell it from others. A server without keys has one that is empty. */
export type ProviderKey = { readonly name: string | undefined; readonly secret: Secret | undefined };

/** Why a key is not used, and until when. */
export type ActiveCooldown = { readonly until: number; readonly code: FailureCode };

export type KeyState = ProviderKey & {
  /** When it was limited the last time. */
  readonly limitedAt: number;
  /** Lets a call in; or a probe, of a model that failed; or nobody. */
  enter(model: string): Admission | undefined;
  cooldownOf(model: string): ActiveCooldown | undefined;
  isBreakerOpen(model: string): boolean;
  onFirstContent(model: string, admission: Admission): void;
  onSuccess(model: string, admission: Admission): void;
  onFailure(model: string, admission: Admission, error: GatewayError, mayOpen: () => boolean): void;
  onCancelled(model: string, admission: Admission): void;
  cooldowns(): readonly KeyCooldown[];
};

export type KeyStateParts = ProviderKey & {
  readonly provider: string;
  readonly cooldowns: CooldownSettings;
  readonly breaker: BreakerSettings;
  readonly clock: Clock;
  readonly chance: Random;
  /** What other gateways know of keys. */
  readonly sharedCooldowns: KeyCooldowns;
  readonly log: Log;
};

/** Whatever a provider says, it is asked again the next day. */
const maxCooldownMs = 24 * 60 * 60_000;
/** Models are named by callers: what is remembered of them has to end somewhere. */
const maxModels = 1000;

/**
 * A limit mostly holds for one model, so a limited key goes on serving the others. A key that is refused as such, or whose
 * account has no money, rests for all of them.
 */
export function createKeyState(parts: KeyStateParts): KeyState {
  const { provider, name, secret, cooldowns, clock, chance, log } = parts;
  const breakers = createRecent<Breaker>(maxModels);
  const limits = createRecent<ActiveCooldown>(maxModels);
  let keyCooldown: ActiveCooldown | undefined;
  let limitedAt = Number.NEGATIVE_INFINITY;

  function startCooldown(model: string | undefined, code: FailureCode, ms: number): void {
    if (ms <= 0) return;
    setCooldown(model, code, ms);
    parts.sharedCooldowns.publish(secret, provider, { model, code, ms: Math.min(ms, maxCooldownMs) });
    log.warn({ provider, key: name, model, code, restMs: Math.round(ms) }, 'A key rests');
  }

  function setCooldown(model: string | undefined, code: FailureCode, ms: number): void {
    const pause = { until: clock.now() + Math.min(ms, maxCooldownMs), code };
    if (model === undefined) keyCooldown = pause;
    else limits.set(model, pause);
  }

  parts.sharedCooldowns.subscribe(secret, provider, ({ model, code, ms }) => {
    const known = model === undefined ? keyCooldown : limits.get(model);
    if (known && known.until >= clock.now() + ms) return;
    setCooldown(model, code, ms);
    if (code !== 'UPSTREAM_AUTHENTICATION') limitedAt = clock.now();
  });

  function breakerOf(model: string): Breaker {
    const breaker = breakers.get(model) ?? createBreaker(parts.breaker, clock, chance);
    breakers.set(model, breaker);
    return breaker;
  }

  function isRunning(pause: ActiveCooldown | undefined): pause is ActiveCooldown {
    return pause !== undefined && pause.until > clock.now();
  }

  function activeCooldown(model: string): ActiveCooldown | undefined {
    return [keyCooldown, limits.get(model)].filter(isRunning).sort((a, b) => b.until - a.until)[0];
  }

  return {
    name,
    secret,
    get limitedAt() {
      return limitedAt;
    },
    enter(model) {
      if (activeCooldown(model)) return undefined;
      const breaker = breakers.get(model);
      return breaker ? breaker.enter() : 'call';
    },
    cooldownOf(model) {
      const until = breakers.get(model)?.openUntil;
      return activeCooldown(model) ?? (until === undefined ? undefined : { until, code: 'UPSTREAM_UNAVAILABLE' });
    },
    isBreakerOpen: (model) => breakers.get(model)?.openUntil !== undefined,
    onFirstContent: (model, admission) => breakers.get(model)?.onFirstContent(admission),
    onSuccess: (model, admission) => breakers.get(model)?.onSuccess(admission),
    onCancelled: (model, admission) => breakers.get(model)?.onCancelled(admission),
    onFailure(model, admission, { code, status, retryable, retryAfterMs }, mayOpen) {
      switch (code) {
        case 'UPSTREAM_OVERLOADED':
        case 'UPSTREAM_ERROR':
        case 'UPSTREAM_TIMEOUT':
        case 'UPSTREAM_UNREACHABLE':
        case 'UPSTREAM_TRUNCATED':
        case 'UPSTREAM_MALFORMED': {
          const opened = breakerOf(model).onFailure(admission, mayOpen());
          if (opened) log.warn({ provider, key: name, model, code }, 'A breaker opened');
          return;
        }
        case 'UPSTREAM_RATE_LIMITED':
          limitedAt = clock.now();
          // A limit that no wait helps against is a cap on what may be spent.
          startCooldown(model, code, retryAfterMs ?? (retryable ? cooldowns.rateLimitMs : cooldowns.billingMs));
          break;
        case 'UPSTREAM_BILLING':
          limitedAt = clock.now();
          startCooldown(undefined, code, Math.max(retryAfterMs ?? 0, cooldowns.billingMs));
          break;
        case 'UPSTREAM_AUTHENTICATION':
          // 403 is mostly about what a key may do, 401 about what it is.
          startCooldown(status === 403 ? model : undefined, code, retryAfterMs ?? cooldowns.authenticationMs);
          break;
      }
      // Whatever else it says, it is there.
      breakers.get(model)?.onSuccess(admission);
    },
    cooldowns() {
      const [now, today] = [clock.now(), clock.date().getTime()];
      const toRest = (
        model: string | undefined,
        status: KeyCooldown['status'],
        { until, code }: ActiveCooldown,
      ): KeyCooldown => ({
        model,
        status,
        availableAt: new Date(today + Math.max(0, until - now)),
        code,
      });
      return [
        ...(isRunning(keyCooldown) ? [toRest(undefined, 'cooling_down', keyCooldown)] : []),
        ...limits
          .entries()
          .flatMap(([model, pause]) => (isRunning(pause) ? [toRest(model, 'cooling_down', pause)] : [])),
        ...breakers
          .entries()
          .flatMap(([model, { openUntil: until }]) =>
            until === undefined ? [] : [toRest(model, 'open', { until, code: 'UPSTREAM_UNAVAILABLE' })],
          ),
      ];
    },
  };
}
