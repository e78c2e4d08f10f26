import type { Gateway } from '../core/gateway.ts';
import type { Observer } from '../core/observer.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { UsageReader } from '../core/usage.ts';
import type { Counts } from '../usage/counts.ts';
import { createCallLog } from './access-log.ts';
import { createBacklog } from './call-batcher.ts';
import { createLabels } from './metric-labels.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createObserver } from './observer.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { createSpans, type SpanSettings } from './spans.ts';
import { type Followed, nobody } from './telemetry-subject.ts';
import { createUsage } from './usage.ts';

export type TelemetryParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly traces: SpanSettings;
  readonly counts: Counts;
};

export type Telemetry = {
  readonly observer: Observer;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  readonly usage: UsageReader;
  readonly readiness: Pick<Readiness, 'canAsk'>;
  /** Counts what has not been counted yet. For the end of the process. */
  clear(): void;
  /** Tells of these providers and callers from now on. What was counted before stays. */
  follow(next: Followed & Pick<Gateway, 'models'>): void;
};

/** All that keeps count of calls. */
export function createTelemetry({ clock, log, traces, counts }: TelemetryParts): Telemetry {
  let current: Followed = nobody;
  const followed: Followed = {
    get providers() {
      return current.providers;
    },
    get callers() {
      return current.callers;
    },
    get limits() {
      return current.limits;
    },
    health: (provider) => current.health(provider),
  };
  const labels = createLabels();
  const metrics = createMetrics({ labels, followed });
  const usage = createUsage(labels, counts);
  const readiness = createReadiness({ followed, clock });
  const calls = createCallLog(log);
  const backlog = createBacklog(clock, log, [calls, metrics, usage, readiness]);
  return {
    observer: createObserver({ calls, metrics, spans: createSpans(traces), backlog }),
    metrics: {
      contentType: metrics.contentType,
      text() {
        backlog.clear();
        return metrics.text();
      },
    },
    usage: {
      read(question) {
        backlog.clear();
        return usage.read(question);
      },
    },
    readiness: {
      canAsk() {
        backlog.clear();
        return readiness.canAsk();
      },
    },
    clear: backlog.clear,
    follow(next) {
      current = next;
      labels.list(next);
    },
  };
}
