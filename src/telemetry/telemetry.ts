import type { Caller } from '../core/caller.ts';
import type { Limits } from '../core/limits.ts';
import type { Model, Provider, ProviderHealth } from '../core/model.ts';
import type { Observer } from '../core/observer.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { UsageReader } from '../core/usage.ts';
import type { Counts } from '../usage/counts.ts';
import { createCallLog } from './call-log.ts';
import { createLabels } from './labels.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { observeAll } from './observers.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { createSpans, type SpanSettings } from './spans.ts';
import { createUsage } from './usage.ts';

export type TelemetryParts = {
  readonly providers: readonly Provider[];
  readonly models: readonly Model[];
  health(provider: Provider): ProviderHealth;
  readonly clock: Clock;
  readonly log: Log;
  readonly traces: SpanSettings;
  readonly counts: Counts;
  /** Those that the configuration names. */
  readonly callers: readonly Caller[];
  readonly limits: Pick<Limits, 'look'>;
};

export type Telemetry = {
  readonly observer: Observer;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  readonly usage: UsageReader;
  readonly readiness: Pick<Readiness, 'canAsk'>;
};

/** All that keeps count of calls. */
export function createTelemetry(parts: TelemetryParts): Telemetry {
  const { providers, models, health, clock, log, traces, counts, callers, limits } = parts;
  const labels = createLabels(providers, models);
  const metrics = createMetrics({ labels, providers, health, callers, limits });
  const usage = createUsage(labels, counts);
  const readiness = createReadiness({ providers, health, clock });
  const observer = observeAll([createCallLog(log), metrics, createSpans(traces), usage, readiness]);
  return { observer, metrics, usage, readiness };
}
