import { describe, expect, it } from 'vitest';
import type { Usage } from '../../src/core/completion.ts';
import { billableTokens, costAtPrice } from '../../src/core/cost.ts';
import type { Pricing } from '../../src/core/model.ts';

const pricing: Pricing = { input: 3, output: 15, cachedInput: 0.3, source: 'a list', asOf: '2026-11-10' };
const usage: Usage = {
  inputTokens: 1_000_000,
  outputTokens: 100_000,
  totalTokens: 1_100_000,
  cacheReadInputTokens: undefined,
  cacheWriteInputTokens: undefined,
  reasoningOutputTokens: 50_000,
};

function costOf(tokens: Usage, list: Pricing = pricing) {
  const charged = billableTokens(tokens);
  return charged && costAtPrice(list, charged);
}

describe('the cost of an answer', () => {
  it('is its tokens times the price list, with reasoning as output', () => {
    expect(costOf(usage)).toEqual({
      total: 4.5,
      input: 3,
      output: 1.5,
      currency: 'USD',
      priceSource: 'a list',
      pricedAt: '2026-11-10',
    });
  });

  it('has cached input at its own price, once', () => {
    expect(costOf({ ...usage, cacheReadInputTokens: 500_000 })?.input).toBeCloseTo(1.5 + 0.15);
  });

  it('has cache writes at their own price, once', () => {
    const written = { ...usage, cacheReadInputTokens: 500_000, cacheWriteInputTokens: 100_000 };
    expect(costOf(written, { ...pricing, cacheWrite: 3.75 })?.input).toBeCloseTo(1.2 + 0.15 + 0.375);
  });

  it('uses billed tokens where the provider reports both', () => {
    const told = { ...usage, cacheReadInputTokens: 900_000, billed: { input: 1_000, output: 10_000 } };
    expect(costOf(told)).toMatchObject({ input: 0.003, output: 0.15 });
  });

  it('is a lower bound for an answer that broke off', () => {
    expect(costOf({ ...usage, outputTokens: undefined, isPartial: true })).toMatchObject({ total: 3, output: 0 });
  });

  it.each<[string, Usage]>([
    ['the output is not known', { ...usage, outputTokens: undefined }],
    ['the input is not known', { ...usage, inputTokens: undefined, isPartial: true }],
    ['the price of cache writes is not known', { ...usage, cacheWriteInputTokens: 10 }],
    ['more was cached than read', { ...usage, cacheReadInputTokens: 1_000_001 }],
    ['more was reasoned than written', { ...usage, reasoningOutputTokens: 100_001 }],
  ])('is nothing when %s: never a guess', (_what, tokens) => {
    expect(costOf(tokens)).toBeUndefined();
  });

  it('is unknown when cached input has no price', () => {
    const { cachedInput: _, ...list } = pricing;
    expect(costOf({ ...usage, cacheReadInputTokens: 1 }, list)).toBeUndefined();
  });
});
