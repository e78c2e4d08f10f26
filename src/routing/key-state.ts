import { LRUCache } from 'lru-cache';
import type { FailureCode, GatewayError } from '../core/errors.ts';
import type { KeyCooldowns } from '../core/key-cooldowns.ts';
import type { KeyCooldown } from '../core/model.ts';
import { failure, type Outcome } from '../core/outcome.ts';
import type { Clock, Log, Random } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import { type Breaker, type BreakerPass, type BreakerSettings, createBreaker } from './breaker.ts';

/** Cooldown lengths in milliseconds. 0: no cooldown. */
export type CooldownSettings = {
  /** After HTTP 429 without Retry-After. */
  readonly rateLimitMs: number;
  /** After HTTP 401 or 403. */
  readonly authenticationMs: number;
  /** After a failure that says that the account has no credit. */
  readonly billingMs: number;
  /** The longest cooldown that a provider's Retry-After may cause. */
  readonly maxMs: number;
};

/** A key under the name that attempts and logs use ("openai#2"). A server without keys has one that is empty. */
export type ProviderKey = { readonly name: string | undefined; readonly secret: Secret | undefined };

/** Why a key is not used, and until when on the monotonic clock. */
export type ActiveCooldown = { readonly until: number; readonly code: FailureCode };

/** Who uses a key, and for what. */
export type KeyUse = {
  readonly model: string;
  /** Id of the caller: failures of two callers are independent of one another. */
  readonly caller: string;
  /** Whether this key's breaker may open: false where too many keys are shut out already. */
  readonly mayOpenBreaker: () => boolean;
  /** The same for a cooldown of the whole key that rests on prose alone. */
  readonly mayCoolDown: () => boolean;
};

/** Permission for one call with this key. */
export type KeyPass = {
  firstContent(): void;
  /** The call has ended. Only the first time counts. */
  settle(outcome: Outcome): void;
};

/** What the gateway has learned about one key from its responses. */
export type KeyState = ProviderKey & {
  /** When it was rate limited last. */
  readonly limitedAt: number;
  /** Undefined while the key cools down for this model, or its breaker is open. */
  enter(use: KeyUse): KeyPass | undefined;
  cooldownOf(model: string): ActiveCooldown | undefined;
  isBreakerOpen(model: string): boolean;
  /** Whether the whole key cools down because of what a provider's prose says. */
  isSuspended(): boolean;
  cooldowns(): readonly KeyCooldown[];
};

export type KeyStateParts = ProviderKey & {
  readonly provider: string;
  readonly cooldowns: CooldownSettings;
  readonly breaker: BreakerSettings;
  readonly clock: Clock;
  readonly random: Random;
  /** Shares cooldowns with other gateways. */
  readonly sharedCooldowns: KeyCooldowns;
  readonly log: Log;
};

/** No cooldown lasts longer: a provider is asked again the next day at the latest. */
const maxCooldownMs = 24 * 60 * 60_000;
/** Callers choose model names freely, so their number is bounded. */
const maxModels = 1000;
/** How long a failure that only prose explains waits for a second one, by another caller, that confirms it. */
const suspicionMs = 10 * 60_000;

type KeyWideCooldown = ActiveCooldown & { readonly isInferred: boolean };

/**
 * Rate limits mostly hold for one model, so a limited key goes on serving the others. A key that is refused as such, or
 * whose account has no credit, cools down for all of them.
 */
export function createKeyState(parts: KeyStateParts): KeyState {
  const { provider, name, secret, cooldowns: settings, clock, random, log } = parts;
  const breakers = new LRUCache<string, Breaker>({ max: maxModels });
  const modelCooldowns = new LRUCache<string, ActiveCooldown>({ max: maxModels });
  let keyCooldown: KeyWideCooldown | undefined;
  let suspicion: { readonly caller: string; readonly at: number } | undefined;
  let limitedAt = Number.NEGATIVE_INFINITY;

  function startCooldown(model: string | undefined, code: FailureCode, ms: number, isInferred = false): void {
    if (ms <= 0) return;
    const bounded = Math.min(ms, maxCooldownMs);
    setCooldown(model, code, bounded, isInferred);
    parts.sharedCooldowns.publish(secret, provider, { model, code, ms: bounded });
    log.warn({ provider, key: name, model, code, cooldownMs: Math.round(bounded) }, 'key cooling down');
  }

  function setCooldown(model: string | undefined, code: FailureCode, ms: number, isInferred: boolean): void {
    const cooldown = { until: clock.now() + ms, code };
    if (model === undefined) keyCooldown = { ...cooldown, isInferred };
    else modelCooldowns.set(model, cooldown);
  }

  parts.sharedCooldowns.subscribe(secret, provider, ({ model, code, ms }) => {
    const known = model === undefined ? keyCooldown : modelCooldowns.get(model);
    const bounded = Math.min(ms, maxCooldownMs);
    if (known && known.until >= clock.now() + bounded) return;
    setCooldown(model, code, bounded, false);
    if (code !== 'UPSTREAM_AUTHENTICATION') limitedAt = clock.now();
  });

  function breakerOf(model: string): Breaker {
    const breaker = breakers.get(model) ?? createBreaker(parts.breaker, clock, random);
    breakers.set(model, breaker);
    return breaker;
  }

  function isActive(cooldown: ActiveCooldown | undefined): cooldown is ActiveCooldown {
    return cooldown !== undefined && cooldown.until > clock.now();
  }

  function activeCooldown(model: string): ActiveCooldown | undefined {
    return [keyCooldown, modelCooldowns.get(model)].filter(isActive).sort((a, b) => b.until - a.until)[0];
  }

  /** A provider's Retry-After, up to `cooldowns.maxMs`. */
  function retryAfterOf({ retryAfterMs }: GatewayError): number | undefined {
    return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, settings.maxMs);
  }

  /**
   * A failure that only the provider's prose explains. Prose may repeat what a caller wrote, so one caller's failures change
   * nothing; a second caller's failure confirms it for the whole key, unless half of the keys are out by such a verdict.
   */
  function onInferredFailure({ code }: GatewayError, { caller, mayCoolDown }: KeyUse, ms: number): void {
    const isConfirmed =
      suspicion !== undefined && suspicion.caller !== caller && clock.now() - suspicion.at < suspicionMs;
    if (isConfirmed && mayCoolDown()) startCooldown(undefined, code, ms, true);
    else if (!suspicion || clock.now() - suspicion.at >= suspicionMs) suspicion = { caller, at: clock.now() };
  }

  /** Returns whether the failure counts for the breaker. */
  function onFailure(error: GatewayError, use: KeyUse): boolean {
    const { code, status, retryable, isInferred } = error;
    const { model } = use;
    switch (code) {
      case 'UPSTREAM_OVERLOADED':
      case 'UPSTREAM_ERROR':
      case 'UPSTREAM_TIMEOUT':
      case 'UPSTREAM_UNREACHABLE':
      case 'UPSTREAM_TRUNCATED':
      case 'UPSTREAM_MALFORMED':
        return true;
      case 'UPSTREAM_RATE_LIMITED':
        limitedAt = clock.now();
        // A limit that no wait lifts is a spending cap.
        startCooldown(model, code, retryAfterOf(error) ?? (retryable ? settings.rateLimitMs : settings.billingMs));
        return false;
      case 'UPSTREAM_BILLING': {
        const ms = Math.max(retryAfterOf(error) ?? 0, settings.billingMs);
        if (isInferred) onInferredFailure(error, use, ms);
        else {
          limitedAt = clock.now();
          startCooldown(undefined, code, ms);
        }
        return false;
      }
      case 'UPSTREAM_AUTHENTICATION': {
        const ms = retryAfterOf(error) ?? settings.authenticationMs;
        if (isInferred) onInferredFailure(error, use, ms);
        // HTTP 403 is mostly about what a key may do, 401 about the key. A server without keys refuses single models.
        else startCooldown(status === 403 || secret === undefined ? model : undefined, code, ms);
        return false;
      }
      default:
        return false;
    }
  }

  return {
    name,
    secret,
    get limitedAt() {
      return limitedAt;
    },
    enter(use) {
      const { model } = use;
      if (activeCooldown(model)) return undefined;
      // Most models never fail: their breaker is made with the first failure.
      let pass: BreakerPass | undefined;
      const breaker = breakers.get(model);
      if (breaker) {
        pass = breaker.enter();
        if (!pass) return undefined;
      }
      let isSettled = false;
      return {
        firstContent: () => pass?.firstContent(),
        settle(outcome) {
          if (isSettled) return;
          isSettled = true;
          if (outcome.kind !== 'failure') return void pass?.settle(outcome, true);
          const { error } = outcome;
          if (!onFailure(error, use)) {
            // The provider responded, whatever it said about the request or the key.
            pass?.settle({ kind: 'success' }, true);
            return;
          }
          const opened = (pass ?? breakerOf(model).enter())?.settle(failure(error), use.mayOpenBreaker());
          if (opened) log.warn({ provider, key: name, model, code: error.code }, 'circuit breaker opened');
        },
      };
    },
    cooldownOf(model) {
      const until = breakers.get(model)?.openUntil;
      return activeCooldown(model) ?? (until === undefined ? undefined : { until, code: 'UPSTREAM_UNAVAILABLE' });
    },
    isBreakerOpen: (model) => breakers.get(model)?.openUntil !== undefined,
    isSuspended: () => isActive(keyCooldown) && keyCooldown.isInferred,
    cooldowns() {
      const [now, date] = [clock.now(), clock.date().getTime()];
      const toCooldown = (
        model: string | undefined,
        status: KeyCooldown['status'],
        { until, code }: ActiveCooldown,
      ): KeyCooldown => ({ model, status, availableAt: new Date(date + Math.max(0, until - now)), code });
      return [
        ...(isActive(keyCooldown) ? [toCooldown(undefined, 'cooling_down', keyCooldown)] : []),
        ...[...modelCooldowns.entries()].flatMap(([model, cooldown]) =>
          isActive(cooldown) ? [toCooldown(model, 'cooling_down', cooldown)] : [],
        ),
        ...[...breakers.entries()].flatMap(([model, { openUntil: until }]) =>
          until === undefined ? [] : [toCooldown(model, 'open', { until, code: 'UPSTREAM_UNAVAILABLE' })],
        ),
      ];
    },
  };
}
