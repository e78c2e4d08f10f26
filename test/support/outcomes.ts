import type { CallFacts, CallOutcome } from '../../src/core/observer.ts';

/** A successful call, with the given differences. */
export function outcome(fields: Partial<CallOutcome> = {}): CallOutcome {
  return {
    provider: 'openai',
    model: 'gpt-4o',
    code: undefined,
    attempts: [{ provider: 'openai', model: 'gpt-4o', key: 'openai#1', code: undefined, status: 200, durationMs: 800 }],
    usage: {
      inputTokens: 100,
      outputTokens: 20,
      totalTokens: 120,
      cacheReadInputTokens: 40,
      cacheWriteInputTokens: undefined,
      reasoningOutputTokens: 5,
    },
    cost: { total: 0.002, input: 0.001, output: 0.001, currency: 'USD', priceSource: 'a list', pricedAt: '2026-11-01' },
    latencyMs: 812,
    timeToFirstTokenMs: undefined,
    overheadMs: 1.5,
    ...fields,
  };
}

export function facts(fields: Partial<CallFacts> = {}): CallFacts {
  return {
    face: 'graphql',
    operation: 'Ask',
    trace: {},
    operationName: 'chat',
    mode: 'whole',
    caller: 'web',
    requestId: 'r-1',
    provider: 'openai',
    model: 'gpt-4o',
    ...fields,
  };
}
