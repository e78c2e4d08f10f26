import { describe, expect, it } from 'vitest';
import type { Usage } from '../../src/core/completion.ts';
import { costOf } from '../../src/core/cost.ts';

const pricing = { input: 3, output: 15, cachedInput: 0.3, source: 'a list', asOf: '2026-11-10' };
const usage: Usage = {
  inputTokens: 1_000_000,
  outputTokens: 100_000,
  totalTokens: 1_100_000,
  cacheReadInputTokens: undefined,
  cacheWriteInputTokens: undefined,
  reasoningOutputTokens: 50_000,
};

describe('the cost of an answer', () => {
  it('is its tokens by the price list, reasoning being output', () => {
    expect(costOf(usage, pricing)).toEqual({
      total: 4.5,
      input: 3,
      output: 1.5,
      currency: 'USD',
      priceSource: 'a list',
      pricedAt: '2026-11-10',
    });
  });

  it('counts cached input at its own price, and once', () => {
    expect(costOf({ ...usage, cacheReadInputTokens: 500_000 }, pricing)?.input).toBeCloseTo(1.5 + 0.15);
  });

  it.each<[string, Usage | undefined, typeof pricing | undefined]>([
    ['the usage', undefined, pricing],
    ['the price', usage, undefined],
    ['the output', { ...usage, outputTokens: undefined }, pricing],
    ['the price of cache writes', { ...usage, cacheWriteInputTokens: 10 }, pricing],
  ])('is nothing when %s is not known: never a guess', (_what, tokens, list) => {
    expect(costOf(tokens, list)).toBeUndefined();
  });

  it('is nothing when cached input has no price', () => {
    const { cachedInput: _, ...list } = pricing;
    expect(costOf({ ...usage, cacheReadInputTokens: 1 }, list)).toBeUndefined();
  });
});
