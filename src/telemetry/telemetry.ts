import type { Gateway } from '../core/gateway.ts';
import type { Observer } from '../core/observer.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { UsageReader } from '../core/usage.ts';
import type { Counts } from '../usage/counts.ts';
import { createAccessLog } from './access-log.ts';
import { createCallBatcher } from './call-batcher.ts';
import { createMetricLabels } from './metric-labels.ts';
import { createMetrics, type KeptStreamsSize, type Metrics } from './metrics.ts';
import { createObserver } from './observer.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { createSpans, type SpanSettings } from './spans.ts';
import { noSubject, type TelemetrySubject } from './telemetry-subject.ts';
import { createUsage } from './usage.ts';

export type TelemetryParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly traces: SpanSettings;
  readonly counts: Counts;
  /** Streams that are kept beyond a disconnect now. */
  readonly keptStreams: KeptStreamsSize;
};

export type Telemetry = {
  readonly observer: Observer;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  readonly usage: UsageReader;
  readonly readiness: Pick<Readiness, 'hasAvailableTarget'>;
  /** Counts what is pending. For the end of the process. */
  flush(): void;
  /** Describes these providers and callers from now on. Counts stay. */
  setSubject(next: TelemetrySubject & Pick<Gateway, 'models'>): void;
};

/** All telemetry. */
export function createTelemetry({ clock, log, traces, counts, keptStreams }: TelemetryParts): Telemetry {
  let current: TelemetrySubject = noSubject;
  const subject: TelemetrySubject = {
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
  const labels = createMetricLabels();
  const metrics = createMetrics({ labels, subject, keptStreams });
  const usage = createUsage(labels, counts);
  const readiness = createReadiness({ subject, clock });
  const calls = createAccessLog(log);
  const batcher = createCallBatcher(clock, log, [calls, metrics, usage, readiness]);
  return {
    observer: createObserver({ calls, metrics, spans: createSpans(traces), batcher }),
    metrics: {
      contentType: metrics.contentType,
      text() {
        batcher.flush();
        return metrics.text();
      },
    },
    usage: {
      read(question) {
        batcher.flush();
        return usage.read(question);
      },
    },
    readiness: {
      hasAvailableTarget() {
        batcher.flush();
        return readiness.hasAvailableTarget();
      },
    },
    flush: batcher.flush,
    setSubject(next) {
      current = next;
      labels.list(next);
    },
  };
}
