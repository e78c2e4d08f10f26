import { GatewayError } from '../core/errors.ts';
import type { ProviderHealth } from '../core/model.ts';
import type { Secret } from '../core/secret.ts';
import type { Admission } from './breaker.ts';
import {
  type ActiveCooldown,
  createKeyState,
  type KeyState,
  type KeyStateParts,
  type ProviderKey,
} from './key-state.ts';

/** A key, lent to one try, which tells how it went. */
export type KeyLease = {
  readonly key: ProviderKey;
  /** The first content of a stream has come. */
  onFirstContent(): void;
  /** The answer is complete. */
  onSuccess(): void;
  onFailure(error: GatewayError): void;
  /** The caller left: nothing was learnt. */
  onCancelled(): void;
};

export type KeyPool = {
  /** A key for this model that was not tried; or why none is to be had now; or nothing, when all were tried. */
  acquire(model: string, tried: ReadonlySet<ProviderKey>): KeyLease | GatewayError | undefined;
  /** Until when this model is asked with none of the keys. Nothing, if one is free. */
  cooldownOf(model: string): ActiveCooldown | undefined;
  health(): ProviderHealth;
};

export type KeyPoolParts = Omit<KeyStateParts, keyof ProviderKey> & { readonly secrets: readonly Secret[] };

/** The keys of one provider: those that were limited longest ago first, and among equals in turn. */
export function createKeyPool({ secrets, ...parts }: KeyPoolParts): KeyPool {
  const { provider, clock } = parts;
  const keys =
    secrets.length === 0
      ? [createKeyState({ ...parts, name: undefined, secret: undefined })]
      : secrets.map((secret, index) => createKeyState({ ...parts, name: `${provider}#${index + 1}`, secret }));
  /** Used longest ago first. */
  let queue: readonly KeyState[] = keys;

  function lease(key: KeyState, model: string, admission: Admission): KeyLease {
    queue = [...queue.filter((other) => other !== key), key];
    return {
      key,
      onFirstContent: () => key.onFirstContent(model, admission),
      onSuccess: () => key.onSuccess(model, admission),
      onFailure: (error) => key.onFailure(model, admission, error, () => mayOpenBreaker(model)),
      onCancelled: () => key.onCancelled(model, admission),
    };
  }

  /** At most half of several: a gateway that shuts out all its keys makes an outage of a bad hour. */
  function mayOpenBreaker(model: string): boolean {
    const open = keys.filter((key) => key.isBreakerOpen(model)).length;
    return open < Math.max(1, Math.floor(keys.length / 2));
  }

  /** The key that is back first says why and for how long. */
  function firstAvailable(keysOfModel: readonly KeyState[], model: string): ActiveCooldown | undefined {
    const cooldowns = keysOfModel.flatMap((key) => key.cooldownOf(model) ?? []);
    return cooldowns.length < keysOfModel.length ? undefined : cooldowns.sort((a, b) => a.until - b.until)[0];
  }

  function unavailableError(untried: readonly KeyState[], model: string): GatewayError {
    const { code, until } = firstAvailable(untried, model) ?? { code: 'UPSTREAM_UNAVAILABLE', until: clock.now() };
    const retryAfterMs = Math.max(0, Math.round(until - clock.now()));
    const reason =
      code === 'UPSTREAM_UNAVAILABLE'
        ? `${model} of ${provider} failed too often of late and is not asked for now`
        : `No key of ${provider} is free for ${model}: ${untried.length === 1 ? 'it rests' : 'all rest'} after a failure (${code})`;
    return new GatewayError(code, `${reason}; back in ${Math.ceil(retryAfterMs / 1000)} s.`, { retryAfterMs });
  }

  return {
    acquire(model, tried) {
      const untried = queue.filter((key) => !tried.has(key));
      if (untried.length === 0) return undefined;
      for (const key of untried.toSorted((a, b) => a.limitedAt - b.limitedAt)) {
        const admission = key.enter(model);
        if (admission) return lease(key, model, admission);
      }
      return unavailableError(untried, model);
    },
    cooldownOf: (model) => firstAvailable(keys, model),
    health() {
      const keyHealth = keys.map((key) => ({ name: key.name ?? provider, cooldowns: key.cooldowns() }));
      if (keyHealth.some(({ cooldowns }) => cooldowns.length === 0))
        return { status: 'ready', availableAt: undefined, keys: keyHealth };
      const isOpen = keyHealth.every(({ cooldowns }) => cooldowns.some(({ status }) => status === 'open'));
      const free = keyHealth.map(({ cooldowns }) =>
        Math.max(...cooldowns.map(({ availableAt }) => availableAt.getTime())),
      );
      return { status: isOpen ? 'open' : 'cooling_down', availableAt: new Date(Math.min(...free)), keys: keyHealth };
    },
  };
}
