import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat, query, streamed } from '../support/graphql-client.ts';
import { type Scraped, scrape } from '../support/prometheus.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

type Panel = {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
};

const file = new URL('../../deploy/grafana-dashboard.json', import.meta.url);
const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { query: string } }[];
  };
};

/** Keywords of PromQL, and the content of strings, ranges and variables, are not metric names. */
const words = new Set([
  'and',
  'increase',
  'min',
  'up',
  'job',
  'sum',
  'by',
  'rate',
  'histogram_quantile',
  'max',
  'le',
  'label_values',
  'datasource',
  'prometheus',
]);
function namesIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\$\w+/g, '');
  return (bare.match(/[a-zA-Z_]\w*/g) ?? []).filter((name) => !words.has(name));
}

const rulesFile = new URL('../../deploy/prometheus-alerts.yaml', import.meta.url);
const rules = (
  parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap((group) => group.rules);
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

let server: ProviderServer;
let gateway: RunningGateway;
let scraped: Scraped;
beforeAll(async () => {
  server = await startProvider(({ body }, response) => {
    if (body['stream']) return sendStream(response, openAiStream(['Hi']));
    sendJson(response, 200, openAiAnswer('Hi'));
  });
  const prices = 'prices: { local/priced: { input: 1, output: 1, asOf: "2026-11-01" } }\n';
  gateway = await openGateway({ yaml: localProvider(server.url, `${prices}limits: { requestsPerMinute: 100 }\n`) });
  const messages = [{ role: 'USER', content: 'Hello' }];
  await chat(gateway.url, { model: 'local/priced', messages });
  await streamed(gateway.url, { model: 'local/unpriced', messages });
  await query(gateway.url, '{');
  scraped = scrape(await (await fetch(`${gateway.url}/metrics`)).text());
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server.close();
});

const alerts = rules.map(({ alert, expr }) => [alert, expr] as const);
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...dashboard.templating.list.map(
    ({ name, query }) => [`$${name}`, typeof query === 'string' ? query : query.query] as const,
  ),
];

describe('the dashboard', () => {
  it.each([...expressions, ...alerts])('queries existing metrics: %s: %s', (_title, expression) => {
    const samples = namesIn(expression).map((name) => ({ name, metrics: scraped.of(name) }));
    const metrics = samples.filter(({ metrics: found }) => found.length > 0);
    const labels = new Set(
      metrics.flatMap(({ metrics: found }) => found.flatMap((one) => Object.keys(one.labels ?? {}))),
    );
    const unknown = samples.filter(({ name, metrics: found }) => found.length === 0 && !labels.has(name));
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  it('has panels that do not overlap, with ids of their own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('shows every metric', () => {
    const shown = new Set(expressions.flatMap(([, expression]) => namesIn(expression)));
    const ours = scraped.families.map(({ name }) => name).filter((name) => /^(gen_ai|parley)_/.test(name));
    const families = new Set(ours.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const missing = [...families].filter((family) => ![...shown].some((name) => name.startsWith(family)));
    expect(missing).toEqual([]);
  });
});

describe.skipIf(!hasPromtool)('the alerts (skipped without promtool)', () => {
  it('are valid for Prometheus', () => {
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', rulesFile.pathname]);
    expect([status, stderr.toString()]).toEqual([0, '']);
  });

  /** Series, a value a minute, that make each alert fire. */
  const firing: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    ParleyErrorShare: {
      'gen_ai_server_request_duration_seconds_count{error_type=""}': '0+60x30',
      'gen_ai_server_request_duration_seconds_count{error_type="UPSTREAM_ERROR"}': '0+60x30',
    },
    ParleyProviderFailing: {
      'gen_ai_client_operation_duration_seconds_count{gen_ai_provider_name="openai",error_type="UPSTREAM_ERROR"}':
        '0+60x30',
    },
    ParleyFirstTokenSlow: {
      'gen_ai_server_time_to_first_token_seconds_bucket{le="10"}': '0+0x30',
      'gen_ai_server_time_to_first_token_seconds_bucket{le="30"}': '0+60x30',
      'gen_ai_server_time_to_first_token_seconds_bucket{le="+Inf"}': '0+60x30',
      gen_ai_server_time_to_first_token_seconds_count: '0+60x30',
    },
    ParleyBudgetNearlySpent: { 'parley_limit_used_ratio{parley_caller="web",parley_limit="money"}': '0.95+0x30' },
    ParleyKeysCoolingDown: {
      'parley_key_cooldowns{gen_ai_provider_name="openai",parley_key="openai#1"}': '1+0x30',
      'parley_open_breakers{gen_ai_provider_name="openai",parley_key="openai#1"}': '0+0x30',
    },
    ParleyStreamsLost: { 'parley_kept_stream_events_total{parley_event="lost"}': '0 0 3+0x30' },
    ParleyDown: { 'up{job="parley"}': '0+0x30' },
  };

  it('cover the rules', () => expect(Object.keys(firing)).toEqual(rules.map(({ alert }) => alert)));

  it.each(Object.entries(firing))('%s fires when it should, and not for a gateway that is well', (alert, series) => {
    const well = Object.fromEntries(
      Object.keys(series).map((name) => [name, name.startsWith('up') ? '1+0x30' : '0+0x30']),
    );
    const evaluate = (given: Readonly<Record<string, string>>) => {
      const folder = mkdtempSync(join(tmpdir(), 'parley-alerts-'));
      const input_series = Object.entries(given).map(([name, values]) => ({ series: name, values }));
      // An empty list says that it does not fire; promtool prints what fires.
      const test = {
        interval: '1m',
        input_series,
        alert_rule_test: [{ eval_time: '11m', alertname: alert, exp_alerts: [] }],
      };
      const file = join(folder, 'test.yaml');
      writeFileSync(
        file,
        JSON.stringify({ rule_files: [rulesFile.pathname], evaluation_interval: '1m', tests: [test] }),
      );
      return spawnSync('promtool', ['test', 'rules', file]).status === 0 ? 'silent' : 'firing';
    };
    expect(evaluate(series)).toBe('firing');
    expect(evaluate(well)).toBe('silent');
  });
});
