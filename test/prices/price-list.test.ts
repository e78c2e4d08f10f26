import { readFileSync } from 'node:fs';
import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Usage } from '../../src/core/completion.ts';
import { billableTokens } from '../../src/core/cost.ts';
import type { Pricing } from '../../src/core/model.ts';
import { bundledPrice, bundledVersion } from '../../src/prices/bundled.ts';
import { createPriceList } from '../../src/prices/price-list.ts';
import { catalog } from '../../src/providers/catalog.ts';
import { readFixtures } from '../support/fixtures.ts';
import { answerOf } from '../support/replay.ts';
import { wires } from '../support/wires.ts';

const million = 1_000_000;
const own = new Map<string, Pricing>([
  ['qwen/qwen3-max', { input: 1.2, output: 6, source: 'parley.yaml', asOf: '2026-11-01' }],
  ['openai/gpt-4o', { input: 1, output: 2, source: 'parley.yaml', asOf: '2026-11-01' }],
]);

function listAt(moment: string) {
  return createPriceList({ own, catalog, clock: { date: () => new Date(moment) } });
}

const prices = listAt('2026-11-24T12:00:00Z');

function usage(given: Partial<Usage>): Usage {
  const none = { totalTokens: undefined, cacheReadInputTokens: undefined, cacheWriteInputTokens: undefined };
  return { inputTokens: 0, outputTokens: 0, reasoningOutputTokens: undefined, ...none, ...given };
}

/** Recordings with costs calculated by hand from the token counts in the README of the recordings. */
const byHand: readonly [file: string, model: string, cost: number, source: string][] = [
  // 16 in at 0.10, 300 out at 0.40.
  ['openai/openai-text.chunks.txt', 'gpt-4.1-nano', 0.000_121_6, 'genai-prices 0.1.8'],
  // 50 in at 3, 485 out at 15, thinking among them.
  ['anthropic/anthropic-combined-context-editing.1.chunks.txt', 'claude-sonnet-4-5', 0.007_425, 'genai-prices 0.1.8'],
  // 12 in, 2 of them cached: 10 at 0.30, 2 at 0.075; 229 out at 0.50, 228 of them reasoning.
  ['xai/xai-text.json', 'grok-3-mini', 0.000_117_65, 'genai-prices 0.1.8'],
  // 9 in at 2, 272 out at 12, 244 of them thoughts.
  ['google/google-text.json', 'gemini-3-pro-preview', 0.003_282, 'genai-prices 0.1.8'],
  // 495 in, 320 of them cached: 175 at 0.14, 320 at 0.0028; 144 out at 0.28, 118 of them reasoning.
  ['deepseek/deepseek-json.json', 'deepseek-reasoner', 0.000_065_716, 'models.dev-history'],
  // 507 in and 10 out were counted, 12 and 7 are charged: at 2.50 and 10.
  ['cohere/cohere-text.json', 'command-a-03-2025', 0.000_1, 'genai-prices 0.1.8'],
  // 24 in at 1.20, 1355 out at 6, 1084 of them reasoning.
  ['qwen/alibaba-reasoning.chunks.txt', 'qwen3-max', 0.008_158_8, 'parley.yaml'],
];
const fixtures = readFixtures();

describe('prices', () => {
  it.each(fixtures.length > 0 ? byHand : [])('of %s for %s are %d', async (file, model, cost, source) => {
    const fixture = fixtures.find((one) => one.file === file);
    // All hand-made recordings are of the older wire.
    const wire = wires.find(({ name }) => name === fixture?.provider);
    if (!fixture || !wire) throw new Error(`No recording ${file}`);
    const { adapter, codec } = wire;
    const told =
      fixture.kind === 'stream'
        ? await answerOf(codec, fixture.bytes)
        : codec.decode(JSON.parse(fixture.bytes.toString()));
    if (!told.usage) throw new Error('It tells no usage');
    const known = prices.costOf(adapter.id, model, told.usage);
    expect(known?.total).toBeCloseTo(cost, 12);
    expect(known?.priceSource).toBe(source);
  });

  it('have tiers: the same tokens cost more in a long prompt', () => {
    const short = prices.costOf('google', 'gemini-3-pro-preview', usage({ inputTokens: 100_000, outputTokens: 1_000 }));
    const long = prices.costOf('google', 'gemini-3-pro-preview', usage({ inputTokens: 300_000, outputTokens: 1_000 }));
    expect(short).toMatchObject({ input: 0.2, output: 0.012 });
    expect(long?.input).toBeCloseTo(1.2);
    expect(long?.output).toBeCloseTo(0.018);
  });

  it('of cached input, read and written, are their own', () => {
    const tokens = usage({ inputTokens: 10_000, cacheReadInputTokens: 6_000, cacheWriteInputTokens: 3_000 });
    // 1000 at 3, 6000 at 0.30, 3000 at 3.75.
    expect(prices.costOf('anthropic', 'claude-sonnet-4-5', tokens)?.total).toBeCloseTo(0.016_05, 10);
  });

  it('may depend on the hour, and on the day', () => {
    const tokens = usage({ inputTokens: million });
    expect(listAt('2026-11-24T02:00:00Z').costOf('deepseek', 'deepseek-v4-pro', tokens)?.total).toBeCloseTo(1.32);
    expect(listAt('2026-11-24T12:00:00Z').costOf('deepseek', 'deepseek-v4-pro', tokens)?.total).toBeCloseTo(0.66);
    expect(listAt('2026-11-24T12:00:00Z').pricingOf('google', 'gemini-3.8-flash')?.input).toBe(0.75);
    expect(listAt('2027-01-02T12:00:00Z').pricingOf('google', 'gemini-3.8-flash')?.input).toBe(1.5);
  });

  it('of an earlier model are those that the package finds again', () => {
    const models = catalog.filter(({ provider }) => ['openai', 'anthropic', 'google', 'perplexity'].includes(provider));
    const tokens = fc.integer({ min: 0, max: 400_000 });
    const asked = fc.record({
      model: fc.constantFrom(...models),
      at: fc.constantFrom('2026-11-24T02:00:00Z', '2026-11-24T12:00:00Z', '2027-01-02T12:00:00Z'),
      charged: fc.record({ read: tokens, written: tokens, plain: tokens, output: tokens }),
    });
    fc.assert(
      fc.property(asked, ({ model: { provider, name }, at, charged: { read, written, plain, output } }) => {
        const input = plain + read + written;
        const charged = { input, cacheRead: read, cacheWrite: written, output, reasoning: 0 };
        const timestamp = new Date(at);
        const cached = { cache_read_tokens: read, cache_write_tokens: written };
        const usage = { input_tokens: input, ...cached, output_tokens: output };
        const found = calcPrice(usage, name, { providerId: provider, timestamp });
        const price = bundledPrice(provider, name, timestamp, charged);
        expect(price !== undefined).toBe(found?.model_price['input_mtok'] !== undefined);
        if (price?.cost) expect(price.cost.total).toBeCloseTo(found?.total_price ?? Number.NaN, 9);
      }),
      { numRuns: 1000 },
    );
  });

  it('include the charge per request', () => {
    const cost = prices.costOf('perplexity', 'sonar', usage({ inputTokens: 1_000, outputTokens: 1_000 }));
    expect(cost).toMatchObject({ input: 0.001, output: 0.001 });
    expect(cost?.total).toBeCloseTo(0.014);
  });

  it('of the operator take precedence', () => {
    expect(prices.pricingOf('openai', 'gpt-4o')).toMatchObject({ input: 1, output: 2, source: 'parley.yaml' });
    expect(prices.costOf('openai', 'gpt-4o', usage({ inputTokens: million }))?.total).toBe(1);
  });

  it('of the catalogue take precedence over those of a package for another model, or older ones', () => {
    expect(bundledPrice('mistral', 'mistral-large-latest', new Date())?.pricing.input).toBe(2);
    expect(prices.pricingOf('mistral', 'mistral-large-latest')).toMatchObject({ input: 0.5, source: 'pi-ai' });
    const cost = prices.costOf('google', 'gemini-1.5-flash-8b', usage({ inputTokens: million }));
    expect(cost).toMatchObject({ total: 0.0375, priceSource: 'models.dev-history' });
  });

  it('of qwen, ai21 and deepinfra are from the catalogue', () => {
    expect(prices.pricingOf('qwen', 'qwen-max')).toMatchObject({ input: 1.6, output: 6.4, asOf: '2026-09-30' });
  });

  it.each([
    ['openai', 'no-such-model'],
    ['ollama', 'gpt-4o'],
    ['deepinfra', 'openai/gpt-4o'],
  ])('are not guessed for %s/%s', (provider, model) => {
    expect(prices.pricingOf(provider, model)).toBeUndefined();
    expect(prices.costOf(provider, model, usage({ inputTokens: 10 }))).toBeUndefined();
  });

  it('of cached input are not estimated where a list has none', () => {
    expect(prices.costOf('cohere', 'command-a-03-2025', usage({ inputTokens: 9, cacheReadInputTokens: 9 }))).toBe(
      undefined,
    );
  });

  it('are reported by the list that answers are charged by, for every model of the catalogue', () => {
    const tokens = usage({ inputTokens: 1_000, outputTokens: 100, reasoningOutputTokens: 50 });
    for (const { provider, name } of catalog) {
      const pricing = prices.pricingOf(provider, name);
      const cost = prices.costOf(provider, name, tokens);
      expect(cost?.priceSource, `${provider}/${name}`).toBe(pricing?.source);
      if (cost && pricing) expect(cost.input, `${provider}/${name}`).toBeCloseTo(pricing.input / 1_000, 10);
    }
    expect(catalog.filter(({ provider, name }) => prices.pricingOf(provider, name)).length).toBeGreaterThan(200);
  });

  it('name the release of the package', () => {
    const manifest = new URL('../../node_modules/@pydantic/genai-prices/package.json', import.meta.url);
    expect(JSON.parse(readFileSync(manifest, 'utf8')).version).toBe(bundledVersion);
  });

  it('accept impossible usage without an error', () => {
    expect(billableTokens(usage({ inputTokens: 1, cacheReadInputTokens: 2 }))).toBeUndefined();
    expect(prices.costOf('openai', 'gpt-4o-mini', usage({ inputTokens: 1, cacheReadInputTokens: 2 }))).toBeUndefined();
  });
});
