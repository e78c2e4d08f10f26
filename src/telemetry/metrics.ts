import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Mode } from '../core/adapter.ts';
import type { FailureCode } from '../core/errors.ts';
import { type CallOutcome, keptStreamEvents, type Observer } from '../core/observer.ts';
import type { CallCounter, EndedCall } from './call-batcher.ts';
import { createHistogram } from './histogram.ts';
import type { MetricLabels } from './metric-labels.ts';
import { toProviderName } from './provider-name.ts';
import type { TelemetrySubject } from './telemetry-subject.ts';

/**
 * OpenTelemetry's GenAI metrics in Prometheus spelling (dots become underscores, units are appended), and further ones
 * under `parley_`. Labels come from closed sets: no caller can create a series.
 */

/** How much is kept beyond a disconnect. */
export type KeptStreamsSize = () => { readonly streams: number; readonly bytes: number };

export type MetricsParts = {
  readonly labels: MetricLabels;
  readonly subject: TelemetrySubject;
  readonly keptStreams: KeptStreamsSize;
};

export type Metrics = CallCounter &
  Pick<Observer, 'refused' | 'keptStream'> & {
    /** A request has started. */
    started(mode: Mode): { streams(): void; ended(): void };
    readonly contentType: string;
    text(): Promise<string>;
  };

/** Buckets of the GenAI conventions, in tokens and seconds. */
const tokenBounds = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const secondBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const firstTokenBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60];
const overheadBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

const limitCodes = ['RATE_LIMITED', 'BUDGET_EXCEEDED'] as const satisfies readonly FailureCode[];

const target = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const;
/** Money has no operation label: no other operation costs any. */
const priced = ['gen_ai_provider_name', 'gen_ai_request_model'] as const;

export function createMetrics({ labels, subject, keptStreams }: MetricsParts): Metrics {
  const openCalls: Record<Mode, number> = { whole: 0, stream: 0 };
  let openStreams = 0;
  const registry = new Registry();
  const registers = [registry];
  // Event loop, memory, garbage collection, CPU.
  collectDefaultMetrics({ register: registry });

  const requests = createHistogram(registry, {
    name: 'gen_ai_server_request_duration_seconds',
    help: 'Duration of a request as callers see it.',
    labelNames: [...target, 'parley_mode', 'error_type'],
    bounds: secondBounds,
  });
  const firstTokens = createHistogram(registry, {
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: 'From the request to the first content of its stream.',
    labelNames: [...target],
    bounds: firstTokenBounds,
  });
  const operations = createHistogram(registry, {
    name: 'gen_ai_client_operation_duration_seconds',
    help: 'Duration of one attempt at a provider. Count it by error_type to see attempts by code.',
    labelNames: [...target, 'error_type'],
    bounds: secondBounds,
  });
  const tokens = createHistogram(registry, {
    name: 'gen_ai_client_token_usage',
    help: 'Tokens of an answer, as the provider counts them.',
    labelNames: [...target, 'gen_ai_token_type'],
    bounds: tokenBounds,
  });
  const overhead = createHistogram(registry, {
    name: 'parley_overhead_seconds',
    help: 'Time that the gateway itself took for a request, without any waiting.',
    labelNames: ['parley_mode'],
    bounds: overheadBounds,
  });
  const cost = new Counter({
    name: 'parley_cost_usd_total',
    help: 'Cost of answers in USD, as far as prices are known.',
    labelNames: [...priced],
    registers,
  });
  const unpriced = new Counter({
    name: 'parley_unpriced_answers_total',
    help: 'Answers without a known cost, which parley_cost_usd_total does not include.',
    labelNames: [...priced],
    registers,
  });
  const calls = new Gauge({
    name: 'parley_active_requests',
    help: 'Requests that are running.',
    labelNames: ['parley_mode'],
    registers,
    collect(): void {
      for (const [parley_mode, count] of Object.entries(openCalls)) calls.set({ parley_mode }, count);
    },
  });
  const streams = new Gauge({
    name: 'parley_open_streams',
    help: 'Streams between their first content and their end.',
    registers,
    collect(): void {
      streams.set(openStreams);
    },
  });
  const keyCooldowns = new Gauge({
    name: 'parley_key_cooldowns',
    help: 'Models that a key is cooling down for; a cooldown for all models counts as one. 0: the key serves all.',
    labelNames: ['gen_ai_provider_name', 'parley_key'],
    registers,
    collect: () => readHealth(),
  });
  const breakers = new Gauge({
    name: 'parley_open_breakers',
    help: 'Models for which the circuit breaker of a key is open.',
    labelNames: ['gen_ai_provider_name', 'parley_key'],
    registers,
  });
  const limitUse = new Gauge({
    name: 'parley_limit_used_ratio',
    help: 'Used and reserved share of a limit. From 1 on requests are refused.',
    labelNames: ['parley_caller', 'parley_limit'],
    registers,
    collect: () => readLimits(),
  });
  const refusedRequests = new Counter({
    name: 'parley_limit_refusals_total',
    help: 'Requests that a limit of their caller refused.',
    labelNames: ['parley_caller', 'error_type'],
    registers,
  });
  const refused = new Counter({
    name: 'parley_refused_requests_total',
    help: 'Requests that were refused before an operation began: unreadable or not allowed.',
    labelNames: ['parley_face', 'error_type'],
    registers,
  });

  const kept = new Gauge({
    name: 'parley_kept_streams',
    help: 'Streams that are kept beyond a disconnect: those that run, and answers that can still be fetched.',
    registers,
    collect(): void {
      kept.set(keptStreams().streams);
    },
  });
  const keptBytes = new Gauge({
    name: 'parley_kept_streams_bytes',
    help: 'Memory of the text of kept streams, estimated.',
    registers,
    collect(): void {
      keptBytes.set(keptStreams().bytes);
    },
  });
  const keptEvents = new Counter({
    name: 'parley_kept_stream_events_total',
    help: 'Kept streams that were resumed, expired without a client, were stopped by their caller, or lost with their gateway.',
    labelNames: ['parley_event'],
    registers,
  });
  for (const parley_event of keptStreamEvents) keptEvents.inc({ parley_event }, 0);

  async function readLimits(): Promise<void> {
    await Promise.all(
      [...subject.callers.values()].map(async (caller) => {
        // A series that begins with its first increment would not show a rate.
        for (const error_type of limitCodes) refusedRequests.inc({ parley_caller: caller.id, error_type }, 0);
        for (const { limit, used, max } of await subject.limits.currentUse(caller)) {
          limitUse.set({ parley_caller: caller.id, parley_limit: limit }, used / max);
        }
      }),
    );
  }

  function readHealth(): void {
    // Keys that are no longer used are dropped.
    keyCooldowns.reset();
    breakers.reset();
    for (const provider of subject.providers.filter(({ access }) => access === 'real')) {
      for (const { name, cooldowns } of subject.health(provider).keys) {
        const key = { gen_ai_provider_name: toProviderName(provider.id), parley_key: name };
        const open = cooldowns.filter(({ status }) => status === 'open').length;
        keyCooldowns.set(key, cooldowns.length - open);
        breakers.set(key, open);
      }
    }
  }

  function toLabels(named: Pick<CallOutcome, 'provider' | 'model' | 'code'>) {
    const { provider, model } = labels.of(named);
    return { gen_ai_provider_name: toProviderName(provider), gen_ai_request_model: model };
  }

  function count({ facts: { operationName: gen_ai_operation_name, mode, caller }, outcome }: EndedCall): void {
    const { code, attempts, usage, latencyMs, timeToFirstTokenMs, overheadMs } = outcome;
    const model = toLabels(outcome);
    const named = { gen_ai_operation_name, ...model };
    const error = { error_type: code ?? '' };
    requests.observe({ ...named, ...error, parley_mode: mode }, latencyMs / 1000);
    overhead.observe({ parley_mode: mode }, overheadMs / 1000);
    for (const attempt of attempts) {
      const { code = '', durationMs } = attempt;
      operations.observe({ gen_ai_operation_name, ...toLabels(attempt), error_type: code }, durationMs / 1000);
    }
    if (timeToFirstTokenMs !== undefined) firstTokens.observe(named, timeToFirstTokenMs / 1000);
    if (usage?.inputTokens !== undefined) tokens.observe({ ...named, gen_ai_token_type: 'input' }, usage.inputTokens);
    if (usage?.outputTokens !== undefined)
      tokens.observe({ ...named, gen_ai_token_type: 'output' }, usage.outputTokens);
    if (limitCodes.some((limit) => limit === code)) {
      // JWTs can create any number of callers: those have no label of their own.
      refusedRequests.inc({ parley_caller: subject.callers.has(caller) ? caller : 'other', ...error });
    }
    if (outcome.cost) cost.inc(model, outcome.cost.total);
    else if (code === undefined) unpriced.inc(model);
  }

  return {
    keptStream: (parley_event) => keptEvents.inc({ parley_event }),
    refused: ({ face, code }) => refused.inc({ parley_face: face, error_type: code }),
    started(mode) {
      let isStreaming = false;
      openCalls[mode] += 1;
      return {
        streams() {
          isStreaming = true;
          openStreams += 1;
        },
        ended() {
          openCalls[mode] -= 1;
          if (isStreaming) openStreams -= 1;
        },
      };
    },
    count,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
