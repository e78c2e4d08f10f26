import type { FailureCode, GatewayError } from '../core/errors.ts';
import type { KeyRests } from '../core/key-cooldowns.ts';
import type { KeyRest } from '../core/model.ts';
import type { Chance, Clock, Log } from '../core/ports.ts';
import { createRecent } from '../core/recent.ts';
import type { Secret } from '../core/secret.ts';
import { type Breaker, type BreakerSettings, createBreaker, type Entrance } from './breaker.ts';

/** One key of a provider, and what its answers have taught. */

/** How long a key rests where the provider does not say, in milliseconds. */
export type CoolDowns = {
  readonly rateLimitMs: number;
  readonly authenticationMs: number;
  readonly billingMs: number;
};

/** A key under the name by which attempts and logs tell it from others. A server without keys has one that is empty. */
export type ProviderKey = { readonly name: string | undefined; readonly secret: Secret | undefined };

/** Why a key is not used, and until when. */
export type Pause = { readonly until: number; readonly code: FailureCode };

export type HeldKey = ProviderKey & {
  /** When it was limited the last time. */
  readonly limitedAt: number;
  /** Lets a call in; or a probe, of a model that failed; or nobody. */
  enter(model: string): Entrance | undefined;
  pause(model: string): Pause | undefined;
  isOpen(model: string): boolean;
  begun(model: string, entrance: Entrance): void;
  answered(model: string, entrance: Entrance): void;
  failed(model: string, entrance: Entrance, error: GatewayError, mayOpen: () => boolean): void;
  left(model: string, entrance: Entrance): void;
  rests(): readonly KeyRest[];
};

export type HeldKeyParts = ProviderKey & {
  readonly provider: string;
  readonly coolDowns: CoolDowns;
  readonly breaker: BreakerSettings;
  readonly clock: Clock;
  readonly chance: Chance;
  /** What other gateways know of keys. */
  readonly rests: KeyRests;
  readonly log: Log;
};

/** Whatever a provider says, it is asked again the next day. */
const longestRestMs = 24 * 60 * 60_000;
/** Models are named by callers: what is remembered of them has to end somewhere. */
const maxModels = 1000;

/**
 * A limit mostly holds for one model, so a limited key goes on serving the others. A key that is refused as such, or whose
 * account has no money, rests for all of them.
 */
export function createHeldKey(parts: HeldKeyParts): HeldKey {
  const { provider, name, secret, coolDowns, clock, chance, log } = parts;
  const breakers = createRecent<Breaker>(maxModels);
  const limits = createRecent<Pause>(maxModels);
  let refusal: Pause | undefined;
  let limitedAt = Number.NEGATIVE_INFINITY;

  function rest(model: string | undefined, code: FailureCode, ms: number): void {
    if (ms <= 0) return;
    pauseFor(model, code, ms);
    parts.rests.tell(secret, provider, { model, code, ms: Math.min(ms, longestRestMs) });
    log.warn({ provider, key: name, model, code, restMs: Math.round(ms) }, 'A key rests');
  }

  function pauseFor(model: string | undefined, code: FailureCode, ms: number): void {
    const pause = { until: clock.now() + Math.min(ms, longestRestMs), code };
    if (model === undefined) refusal = pause;
    else limits.set(model, pause);
  }

  parts.rests.hear(secret, provider, ({ model, code, ms }) => {
    const known = model === undefined ? refusal : limits.get(model);
    if (known && known.until >= clock.now() + ms) return;
    pauseFor(model, code, ms);
    if (code !== 'UPSTREAM_AUTHENTICATION') limitedAt = clock.now();
  });

  function breakerOf(model: string): Breaker {
    const breaker = breakers.get(model) ?? createBreaker(parts.breaker, clock, chance);
    breakers.set(model, breaker);
    return breaker;
  }

  function isRunning(pause: Pause | undefined): pause is Pause {
    return pause !== undefined && pause.until > clock.now();
  }

  function restOf(model: string): Pause | undefined {
    return [refusal, limits.get(model)].filter(isRunning).sort((a, b) => b.until - a.until)[0];
  }

  return {
    name,
    secret,
    get limitedAt() {
      return limitedAt;
    },
    enter(model) {
      if (restOf(model)) return undefined;
      const breaker = breakers.get(model);
      return breaker ? breaker.enter() : 'call';
    },
    pause(model) {
      const until = breakers.get(model)?.openUntil;
      return restOf(model) ?? (until === undefined ? undefined : { until, code: 'UPSTREAM_UNAVAILABLE' });
    },
    isOpen: (model) => breakers.get(model)?.openUntil !== undefined,
    begun: (model, entrance) => breakers.get(model)?.begun(entrance),
    answered: (model, entrance) => breakers.get(model)?.succeeded(entrance),
    left: (model, entrance) => breakers.get(model)?.left(entrance),
    failed(model, entrance, { code, status, retryable, retryAfterMs }, mayOpen) {
      switch (code) {
        case 'UPSTREAM_OVERLOADED':
        case 'UPSTREAM_ERROR':
        case 'UPSTREAM_TIMEOUT':
        case 'UPSTREAM_UNREACHABLE':
        case 'UPSTREAM_TRUNCATED':
        case 'UPSTREAM_MALFORMED': {
          const opened = breakerOf(model).failed(entrance, mayOpen());
          if (opened) log.warn({ provider, key: name, model, code }, 'A breaker opened');
          return;
        }
        case 'UPSTREAM_RATE_LIMITED':
          limitedAt = clock.now();
          // A limit that no wait helps against is a cap on what may be spent.
          rest(model, code, retryAfterMs ?? (retryable ? coolDowns.rateLimitMs : coolDowns.billingMs));
          break;
        case 'UPSTREAM_BILLING':
          limitedAt = clock.now();
          rest(undefined, code, Math.max(retryAfterMs ?? 0, coolDowns.billingMs));
          break;
        case 'UPSTREAM_AUTHENTICATION':
          // 403 is mostly about what a key may do, 401 about what it is.
          rest(status === 403 ? model : undefined, code, retryAfterMs ?? coolDowns.authenticationMs);
          break;
      }
      // Whatever else it says, it is there.
      breakers.get(model)?.succeeded(entrance);
    },
    rests() {
      const [now, today] = [clock.now(), clock.today().getTime()];
      const toRest = (model: string | undefined, status: KeyRest['status'], { until, code }: Pause): KeyRest => ({
        model,
        status,
        until: new Date(today + Math.max(0, until - now)),
        code,
      });
      return [
        ...(isRunning(refusal) ? [toRest(undefined, 'cooling_down', refusal)] : []),
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
