import { GatewayError } from '../core/errors.ts';
import type { ProviderHealth } from '../core/model.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import {
  type ActiveCooldown,
  createKeyState,
  type KeyPass,
  type KeyState,
  type KeyStateParts,
  type ProviderKey,
} from './key-state.ts';

/** A key in use by one attempt. */
export type KeyLease = {
  readonly key: ProviderKey;
  /** The first content of a stream has arrived. */
  firstContent(): void;
  /** The attempt has ended. Only the first time counts. */
  settle(outcome: Outcome): void;
};

export type KeyPool = {
  /**
   * A key for this model that the request has not tried. A GatewayError says why none is available; undefined says that
   * all were tried.
   */
  acquire(model: string, tried: ReadonlySet<ProviderKey>, caller: string): KeyLease | GatewayError | undefined;
  /** Until when no key serves this model. Undefined while one does. */
  cooldownOf(model: string): ActiveCooldown | undefined;
  health(): ProviderHealth;
};

export type KeyPoolParts = Omit<KeyStateParts, keyof ProviderKey> & { readonly secrets: readonly Secret[] };

/** The keys of one provider: those that were rate limited longest ago first, and among equals in turn. */
export function createKeyPool({ secrets, ...parts }: KeyPoolParts): KeyPool {
  const { provider, clock } = parts;
  const keys =
    secrets.length === 0
      ? [createKeyState({ ...parts, name: undefined, secret: undefined })]
      : secrets.map((secret, index) => createKeyState({ ...parts, name: `${provider}#${index + 1}`, secret }));
  /** Least recently used first. */
  let queue: readonly KeyState[] = keys;

  function lease(key: KeyState, { firstContent, settle }: KeyPass): KeyLease {
    queue = [...queue.filter((other) => other !== key), key];
    return { key, firstContent, settle };
  }

  /** At most half of several keys: a gateway that shuts out all its keys turns a partial failure into an outage. */
  function leavesHalf(isOut: (key: KeyState) => boolean): boolean {
    return keys.filter(isOut).length < Math.max(1, Math.floor(keys.length / 2));
  }

  /** The cooldown that ends first, where all of these keys have one. */
  function firstAvailable(some: readonly KeyState[], model: string): ActiveCooldown | undefined {
    const cooldowns = some.flatMap((key) => key.cooldownOf(model) ?? []);
    return cooldowns.length < some.length ? undefined : cooldowns.sort((a, b) => a.until - b.until)[0];
  }

  function unavailableError(untried: readonly KeyState[], model: string): GatewayError {
    const { code, until } = firstAvailable(untried, model) ?? { code: 'UPSTREAM_UNAVAILABLE', until: clock.now() };
    const retryAfterMs = Math.max(0, Math.round(until - clock.now()));
    const which = untried.length === 1 ? 'The key' : `All ${untried.length} keys`;
    const reason =
      code === 'UPSTREAM_UNAVAILABLE'
        ? `The circuit breaker of ${provider} is open for ${model} after repeated failures`
        : `${which} of ${provider} ${untried.length === 1 ? 'is' : 'are'} cooling down for ${model} after ${code}`;
    return new GatewayError(code, `${reason}. Retry in ${Math.ceil(retryAfterMs / 1000)} s.`, { retryAfterMs });
  }

  return {
    acquire(model, tried, caller) {
      const untried = queue.filter((key) => !tried.has(key));
      if (untried.length === 0) return undefined;
      const use = {
        model,
        caller,
        mayOpenBreaker: () => leavesHalf((key) => key.isBreakerOpen(model)),
        mayCoolDown: () => leavesHalf((key) => key.isSuspended()),
      };
      for (const key of untried.toSorted((a, b) => a.limitedAt - b.limitedAt)) {
        const pass = key.enter(use);
        if (pass) return lease(key, pass);
      }
      return unavailableError(untried, model);
    },
    cooldownOf: (model) => firstAvailable(keys, model),
    health() {
      const states = keys.map((key) => ({ name: key.name ?? provider, cooldowns: key.cooldowns() }));
      if (states.some(({ cooldowns }) => cooldowns.length === 0)) {
        return { status: 'ready', availableAt: undefined, keys: states };
      }
      const isOpen = states.every(({ cooldowns }) => cooldowns.some(({ status }) => status === 'open'));
      const free = states.map(({ cooldowns }) => Math.max(...cooldowns.map((one) => one.availableAt.getTime())));
      return { status: isOpen ? 'open' : 'cooling_down', availableAt: new Date(Math.min(...free)), keys: states };
    },
  };
}
