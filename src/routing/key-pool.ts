import { GatewayError } from '../core/errors.ts';
import type { ProviderHealth } from '../core/model.ts';
import type { Secret } from '../core/secret.ts';
import type { Entrance } from './breaker.ts';
import { createHeldKey, type HeldKey, type HeldKeyParts, type Pause, type ProviderKey } from './key-state.ts';

/** A key, lent to one try, which tells how it went. */
export type Turn = {
  readonly key: ProviderKey;
  /** The first content of a stream has come. */
  begun(): void;
  /** The answer is complete. */
  answered(): void;
  failed(error: GatewayError): void;
  /** The caller left: nothing was learnt. */
  left(): void;
};

export type KeyRing = {
  /** A key for this model that was not tried; or why none is to be had now; or nothing, when all were tried. */
  take(model: string, tried: ReadonlySet<ProviderKey>): Turn | GatewayError | undefined;
  /** Until when this model is asked with none of the keys. Nothing, if one is free. */
  pause(model: string): Pause | undefined;
  health(): ProviderHealth;
};

export type KeyRingParts = Omit<HeldKeyParts, keyof ProviderKey> & { readonly secrets: readonly Secret[] };

/** The keys of one provider: those that were limited longest ago first, and among equals in turn. */
export function createKeyRing({ secrets, ...parts }: KeyRingParts): KeyRing {
  const { provider, clock } = parts;
  const keys =
    secrets.length === 0
      ? [createHeldKey({ ...parts, name: undefined, secret: undefined })]
      : secrets.map((secret, index) => createHeldKey({ ...parts, name: `${provider}#${index + 1}`, secret }));
  /** Used longest ago first. */
  let line: readonly HeldKey[] = keys;

  function lend(key: HeldKey, model: string, entrance: Entrance): Turn {
    line = [...line.filter((other) => other !== key), key];
    return {
      key,
      begun: () => key.begun(model, entrance),
      answered: () => key.answered(model, entrance),
      failed: (error) => key.failed(model, entrance, error, () => mayOpen(model)),
      left: () => key.left(model, entrance),
    };
  }

  /** At most half of several: a gateway that shuts out all its keys makes an outage of a bad hour. */
  function mayOpen(model: string): boolean {
    const open = keys.filter((key) => key.isOpen(model)).length;
    return open < Math.max(1, Math.floor(keys.length / 2));
  }

  /** The key that is back first says why and for how long. */
  function firstBack(resting: readonly HeldKey[], model: string): Pause | undefined {
    const pauses = resting.flatMap((key) => key.pause(model) ?? []);
    return pauses.length < resting.length ? undefined : pauses.sort((a, b) => a.until - b.until)[0];
  }

  function whyNone(untried: readonly HeldKey[], model: string): GatewayError {
    const { code, until } = firstBack(untried, model) ?? { code: 'UPSTREAM_UNAVAILABLE', until: clock.now() };
    const retryAfterMs = Math.max(0, Math.round(until - clock.now()));
    const reason =
      code === 'UPSTREAM_UNAVAILABLE'
        ? `${model} of ${provider} failed too often of late and is not asked for now`
        : `No key of ${provider} is free for ${model}: ${untried.length === 1 ? 'it rests' : 'all rest'} after a failure (${code})`;
    return new GatewayError(code, `${reason}; back in ${Math.ceil(retryAfterMs / 1000)} s.`, { retryAfterMs });
  }

  return {
    take(model, tried) {
      const untried = line.filter((key) => !tried.has(key));
      if (untried.length === 0) return undefined;
      for (const key of untried.toSorted((a, b) => a.limitedAt - b.limitedAt)) {
        const entrance = key.enter(model);
        if (entrance) return lend(key, model, entrance);
      }
      return whyNone(untried, model);
    },
    pause: (model) => firstBack(keys, model),
    health() {
      const told = keys.map((key) => ({ name: key.name ?? provider, rests: key.rests() }));
      if (told.some(({ rests }) => rests.length === 0)) return { status: 'ready', until: undefined, keys: told };
      const isOpen = told.every(({ rests }) => rests.some(({ status }) => status === 'open'));
      const free = told.map(({ rests }) => Math.max(...rests.map(({ until }) => until.getTime())));
      return { status: isOpen ? 'open' : 'cooling_down', until: new Date(Math.min(...free)), keys: told };
    },
  };
}
