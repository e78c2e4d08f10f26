import type { Provider, ProviderHealth } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import type { CallCounter } from './call-batcher.ts';
import type { Followed } from './telemetry-subject.ts';

export type ReadinessParts = {
  readonly followed: Pick<Followed, 'providers' | 'health'>;
  readonly clock: Pick<Clock, 'today'>;
};

export type Readiness = CallCounter & {
  /** Whether somebody can be asked: not before a provider is configured, and not while all targets in use are shut out. */
  canAsk(): boolean;
};

/** What was not asked for so long tells nothing of now. */
const latelyMs = 5 * 60_000;
const maxTargets = 1_000;

type Asked = { readonly provider: string; readonly model: string; readonly at: number };

/**
 * Looks at the targets that were asked lately: of those that nobody asks, nothing is known. One whose time to be probed has
 * come does not count as shut out, or a process that gets no more calls would never find out.
 */
export function createReadiness({ followed, clock }: ReadinessParts): Readiness {
  const asked = new Map<string, Asked>();

  function reachable(): readonly Provider[] {
    return followed.providers.filter(({ access }) => access !== 'missing_key');
  }

  function isShutOut(target: Asked, now: Date): boolean {
    const provider = reachable().find(({ id }) => id === target.provider);
    const keys = provider ? followed.health(provider).keys : [];
    const isOpen = ({ rests }: ProviderHealth['keys'][number]) =>
      rests.some(({ model, status, until }) => status === 'open' && model === target.model && until > now);
    return keys.length > 0 && keys.every(isOpen);
  }

  return {
    count({ outcome }) {
      const at = clock.today().getTime();
      for (const { provider, model } of outcome.attempts) {
        const id = `${provider}/${model}`;
        asked.delete(id);
        asked.set(id, { provider, model, at });
        const [oldest] = asked.keys();
        if (asked.size > maxTargets && oldest !== undefined) asked.delete(oldest);
      }
    },
    canAsk() {
      const now = clock.today();
      const lately = [...asked.values()].filter(({ at }) => now.getTime() - at < latelyMs);
      return reachable().length > 0 && (lately.length === 0 || lately.some((target) => !isShutOut(target, now)));
    },
  };
}
