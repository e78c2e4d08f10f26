import type { Provider, ProviderHealth } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import type { CallCounter } from './call-batcher.ts';
import type { TelemetrySubject } from './telemetry-subject.ts';

export type ReadinessParts = {
  readonly subject: Pick<TelemetrySubject, 'providers' | 'health'>;
  readonly clock: Pick<Clock, 'date'>;
};

export type Readiness = CallCounter & {
  /**
   * Whether a target is available: not before a provider is configured, and not while all recently used targets are
   * shut out.
   */
  hasAvailableTarget(): boolean;
};

/** Older targets say nothing about now. */
const recentMs = 5 * 60_000;
const maxTargets = 1_000;

type RecentTarget = { readonly provider: string; readonly model: string; readonly at: number };

/**
 * Looks at recently used targets: nothing is known of the others. A target whose probe is due does not count as shut
 * out, or a process without requests would never recover.
 */
export function createReadiness({ subject, clock }: ReadinessParts): Readiness {
  const recent = new Map<string, RecentTarget>();

  function reachable(): readonly Provider[] {
    return subject.providers.filter(({ access }) => access !== 'missing_key');
  }

  function isShutOut(target: RecentTarget, now: Date): boolean {
    const provider = reachable().find(({ id }) => id === target.provider);
    const keys = provider ? subject.health(provider).keys : [];
    const isOpen = ({ cooldowns }: ProviderHealth['keys'][number]) =>
      cooldowns.some(
        ({ model, status, availableAt }) => status === 'open' && model === target.model && availableAt > now,
      );
    return keys.length > 0 && keys.every(isOpen);
  }

  return {
    count({ outcome }) {
      const at = clock.date().getTime();
      for (const { provider, model } of outcome.attempts) {
        const id = `${provider}/${model}`;
        recent.delete(id);
        recent.set(id, { provider, model, at });
        const [oldest] = recent.keys();
        if (recent.size > maxTargets && oldest !== undefined) recent.delete(oldest);
      }
    },
    hasAvailableTarget() {
      const now = clock.date();
      const lately = [...recent.values()].filter(({ at }) => now.getTime() - at < recentMs);
      return reachable().length > 0 && (lately.length === 0 || lately.some((target) => !isShutOut(target, now)));
    },
  };
}
