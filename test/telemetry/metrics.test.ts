import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { noSubject } from '../../src/telemetry/telemetry-subject.ts';
import { createMemoryCounts } from '../../src/usage/memory-counts.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { openMemoryGateway } from '../support/memory-gateway.ts';
import { nothingSupported } from '../support/nothing-supported.ts';
import { scrape } from '../support/prometheus.ts';
import { seededChance } from '../support/seeded-chance.ts';

const hello = [{ role: 'user', content: 'Hello' }];

/** A gateway with metrics, parsed as Prometheus reads them. */
function open(settings: Parameters<typeof openMemoryGateway>[0] = {}) {
  const log = { info() {}, warn() {}, error() {} };
  const providers = Object.keys(settings?.providers ?? { acme: [] }).map((id) => ({
    id,
    name: id,
    access: 'real' as const,
  }));
  const models = [{ id: 'acme/a', facts: { provider: 'acme', name: 'a', status: 'active' as const } }].map((model) => ({
    ...model,
    provider: { id: 'acme', name: 'acme', access: 'real' as const },
    pricing: undefined,
    supported: nothingSupported,
  }));
  const telemetry = createTelemetry({
    clock: createFakeClock(),
    log,
    traces: { propagate: false },
    counts: createMemoryCounts(createFakeClock()),
    keptStreams: () => ({ streams: 0, bytes: 0 }),
  });
  const memory = openMemoryGateway({
    ...settings,
    parts: { ...settings?.parts, observer: telemetry.observer },
  });
  telemetry.setSubject({ ...noSubject, providers, models, health: memory.gateway.health });
  const read = async () => scrape(await telemetry.metrics.text());
  return { ...memory, telemetry, read, options: { caller: anonymous, signal: new AbortController().signal } };
}

describe('metrics', () => {
  it('have durations, tokens, attempts and overhead, by the names of OpenTelemetry', async () => {
    const { gateway, options, read } = open({ answer: ({ model }) => (model === 'a' ? {} : { status: 500 }) });
    await gateway.chat({ model: 'acme/b', fallbacks: ['acme/a'], messages: hello }, options);
    const { of } = await read();
    const target = { gen_ai_provider_name: 'acme', gen_ai_request_model: 'a' };
    expect(of('gen_ai_server_request_duration_seconds_count')).toMatchObject([
      { labels: { ...target, error_type: '', parley_mode: 'whole' }, value: '1' },
    ]);
    expect(of('gen_ai_client_operation_duration_seconds_count')).toMatchObject([
      { labels: { gen_ai_request_model: 'other', error_type: 'UPSTREAM_ERROR' }, value: '1' },
      { labels: { ...target, error_type: '' }, value: '1' },
    ]);
    expect(of('gen_ai_client_token_usage_sum')).toMatchObject([
      { labels: { ...target, gen_ai_token_type: 'input' }, value: '5' },
      { labels: { ...target, gen_ai_token_type: 'output' }, value: '2' },
    ]);
    expect(of('parley_overhead_seconds_count')).toMatchObject([{ labels: { parley_mode: 'whole' }, value: '1' }]);
    expect(of('parley_unpriced_answers_total')).toMatchObject([{ labels: target, value: '1' }]);
  });

  it('count open calls and streams, released however they end', async () => {
    const { gateway, read, clock } = open();
    const leaving = new AbortController();
    const options = { caller: anonymous, signal: leaving.signal };
    const open3 = await Promise.all([1, 2, 3].map(() => gateway.stream({ model: 'acme/a', messages: hello }, options)));
    const openNow = async () => {
      const { of } = await read();
      const calls = of('parley_active_requests').find(({ labels }) => labels?.['parley_mode'] === 'stream');
      return [calls?.value, of('parley_open_streams')[0]?.value];
    };
    expect(await openNow()).toEqual(['3', '3']);
    for (const stream of open3.slice(0, 1)) await Array.fromAsync(toAsyncIterable(stream));
    expect(await openNow()).toEqual(['2', '2']);
    leaving.abort();
    expect(await openNow()).toEqual(['0', '0']);
    expect(clock.waiting).toBe(0);
    const { of } = await read();
    expect(of('gen_ai_server_time_to_first_token_seconds_count')).toMatchObject([{ value: '3' }]);
  });

  it('report which keys cool down and which breakers are open', async () => {
    const { gateway, options, read, pass } = open({
      providers: { acme: ['k1', 'k2'] },
      answer: ({ key, model }) => (model === 'bad' ? { status: 500 } : key === 'k1' ? { status: 401 } : {}),
    });
    await gateway.chat({ model: 'acme/a', messages: hello }, options);
    for (let call = 0; call < 5; call++) {
      const failed = gateway.chat({ model: 'acme/bad', messages: hello }, options).catch(() => {});
      await pass(30_000, 500);
      await failed;
    }
    const { of } = await read();
    expect(of('parley_key_cooldowns')).toMatchObject([
      { labels: { gen_ai_provider_name: 'acme', parley_key: 'acme#1' }, value: expect.any(String) },
      { labels: { parley_key: 'acme#2' }, value: '0' },
    ]);
    const open2 = of('parley_open_breakers').map(({ value }) => Number(value));
    expect(open2.reduce((sum, value) => sum + value, 0)).toBe(1);
  });

  it('report event loop delay, memory and processor time', async () => {
    const { families } = await open().read();
    const names = families.map(({ name }) => name);
    expect(names).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(names).toContain('process_resident_memory_bytes');
    expect(names).toContain('process_cpu_seconds_total');
  });

  it('are bounded after ten thousand requests of every kind, without text from a caller', async () => {
    const chance = seededChance(7);
    const answers = [{}, { status: 500 }, { status: 429 }, { status: 400 }, { body: 'no JSON' }];
    const { gateway, read, telemetry } = open({
      answer: () => answers[Math.floor(chance() * answers.length)] ?? {},
      parts: {
        retries: { max: 0, baseMs: 1, maxMs: 1, maxRetryAfterMs: 0, budget: { burst: 1, ratio: 0 } },
        cooldowns: { rateLimitMs: 0, authenticationMs: 0, billingMs: 0, maxMs: 0 },
        breaker: { failures: 1_000_000, openMs: 10, maxOpenMs: 10 },
      },
    });
    for (let call = 0; call < 10_000; call++) {
      const provider = chance() < 0.8 ? 'acme' : `canary-provider-${call}`;
      const input = {
        model: `${provider}/canary-model-${call}`,
        messages: hello,
        requestId: `canary-${call}`,
        ...(chance() < 0.1 && { temperature: 'canary' }),
      };
      const options = {
        caller: { ...anonymous, id: `canary-caller-${call}` },
        signal: new AbortController().signal,
        origin: { face: 'graphql' as const, operation: `Canary${call}`, trace: {} },
      };
      const read = async () => Array.fromAsync(toAsyncIterable(await gateway.stream(input, options)));
      await (chance() < 0.5 ? gateway.chat(input, options) : read()).catch(() => undefined);
    }
    const { families, of } = await read();
    const ours = families.filter(({ name }) => /^(gen_ai|parley)_/.test(name));
    const models = new Set(
      ours.flatMap(({ metrics }) => metrics.flatMap(({ labels }) => labels?.['gen_ai_request_model'] ?? [])),
    );
    // Two hundred models that have answered, and one series for the rest. None of them was requested again.
    expect(models.size).toBe(201);
    expect(ours.flatMap(({ metrics }) => metrics).length).toBeLessThan(20_000);
    const counted = of('gen_ai_server_request_duration_seconds_count').map(({ value }) => Number(value));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(10_000);
    const text = await telemetry.metrics.text();
    expect(text).not.toMatch(/canary-(provider|caller)|Canary|canary-\d/);
    const { rows } = await telemetry.usage.read({ by: 'caller', since: undefined, caller: anonymous });
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(10_000);
    expect(rows.length).toBeLessThanOrEqual(501);
  });
});
