import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...dashboard.templating.list.map(
    ({ name, query }) => [`$${name}`, typeof query === 'string' ? query : query.query] as const,
  ),
];

describe('the dashboard', () => {
  it.each(expressions)('queries existing metrics: %s: %s', (_title, expression) => {
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
