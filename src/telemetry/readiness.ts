import type { Provider, ProviderHealth } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import type { CallCounter } from './call-batcher.ts';
import type { TelemetrySubject } from './telemetry-subject.ts';

export type ReadinessParts = {
  readonly subject: Pick<TelemetrySubject, 'providers' | 'health'>;
  readonly clock: Pick<Clock, 'date'>;
};

export type Readiness = CallCounter & {
  /** Whether somebody can be asked: not before a provider is configured, and not while all targets in use are shut out. */
  hasAvailableTarget(): boolean;
};

/** What was not asked for so long tells nothing of now. */
const recentMs = 5 * 60_000;
const maxTargets = 1_000;

type RecentTarget = { readonly provider: string; readonly model: string; readonly at: number };

/**
 * Looks at the targets that were asked lately: of those that nobody asks, nothing is known. One whose time to be probed has
 * come does not count as shut out, or a process that gets no more calls would never find out.
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
