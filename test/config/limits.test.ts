import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { configFolder, type GatewaySettings } from '../support/gateway-process.ts';

function problemsOf({ env = {}, ...files }: GatewaySettings): readonly string[] {
  try {
    loadConfig({ directory: configFolder(files), env, builtIn: builtInProviders, insecure: false });
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe('limits', () => {
  it.each([
    ['limits: { requestsPerMinute: 0 }', /^parley\.yaml:1: limits\.requestsPerMinute: /],
    ['limits: { tokensPerMinute: 1.5 }', /^parley\.yaml:1: limits\.tokensPerMinute: /],
    ['limits: { budgetPerDayUsd: -1 }', /^parley\.yaml:1: limits\.budgetPerDayUsd: /],
    ['limits: { budgetPerDayUsd: "5" }', /^parley\.yaml:1: limits\.budgetPerDayUsd: /],
    [
      'limits: { requestsPerSecond: 5 }',
      'parley.yaml:1: limits.requestsPerSecond: Unknown setting. Known here: requestsPerMinute, tokensPerMinute, concurrentStreams, budgetPerDayUsd, maxOutputTokens, maxInputBytes',
    ],
    [callersYaml(callerKey('web', 'limits: { maxOutputTokens: many }')), /callers\[0\]\.limits\.maxOutputTokens: /],
    ['redis: { localShare: 0 }', /^parley\.yaml:1: redis\.localShare: /],
    ['redis: { localBudgetShare: 2 }', /^parley\.yaml:1: redis\.localBudgetShare: /],
    [
      'redis: { url: "redis://localhost" }',
      'parley.yaml:1: redis.url: Unknown setting here: set PARLEY_REDIS_URL in the environment or .env',
    ],
  ])('that mean nothing are refused at the start: %s', (yaml, problem) => {
    expect(problemsOf({ yaml })).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });
});

describe('PARLEY_REDIS_URL', () => {
  it.each(['localhost:6379', 'http://localhost', 'redis', 'valkey://x'])(
    'is the address of a Redis, and not %s',
    (url) => {
      expect(problemsOf({ env: { PARLEY_REDIS_URL: url } })).toEqual([
        expect.stringMatching(/^PARLEY_REDIS_URL: expected/),
      ]);
    },
  );

  it('may hold a password, which is not printed', () => {
    const directory = configFolder({});
    const env = { PARLEY_REDIS_URL: 'rediss://gateway:canary-password@redis.example:6380/2' };
    const config = loadConfig({ directory, env, builtIn: builtInProviders, insecure: false });
    expect(config.redis.url?.reveal()).toBe(env.PARLEY_REDIS_URL);
    expect(JSON.stringify(config.redis)).not.toContain('canary');
    expect(problemsOf({ env: { PARLEY_REDIS_URL: 'canary-password@x' } }).join()).not.toContain('canary');
  });
});
