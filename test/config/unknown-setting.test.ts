import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/yaml-file.ts';
import { builtInProviders } from '../../src/providers/registry.ts';

function problems(yaml: string): readonly string[] {
  const read = readYaml(yaml, 'parley.yaml', builtInProviders);
  return 'problems' in read ? read.problems : [];
}

describe('an unknown setting', () => {
  it.each([
    ['coolDowns:\n  billingMs: 1000', 'parley.yaml:1: coolDowns: Unknown setting. It is called "cooldowns" now'],
    ['capacity: { calls: 5 }', 'parley.yaml:1: capacity: Unknown setting. It is called "concurrency" now'],
    [
      'concurrency:\n  calls: 5',
      'parley.yaml:2: concurrency.calls: Unknown setting. It is called "concurrency.max" now',
    ],
    [
      'server:\n  stalledReaderMs: 5000',
      'parley.yaml:2: server.stalledReaderMs: Unknown setting. It is called "server.writeTimeoutMs" now',
    ],
    [
      'limits:\n  moneyPerDay: 5',
      'parley.yaml:2: limits.moneyPerDay: Unknown setting. It is called "budgetPerDayUsd" now',
    ],
    [
      'timeouts:\n  for:\n    openai:\n      silenceMs: 9',
      'parley.yaml:4: timeouts.for.openai.silenceMs: Unknown setting. It is called "idleMs" now',
    ],
    [
      'retries: { budget: { share: 0.2 } }',
      'parley.yaml:1: retries.budget.share: Unknown setting. It is called "retries.budget.ratio" now',
    ],
    [
      'retries: { maxToldMs: 1 }',
      'parley.yaml:1: retries.maxToldMs: Unknown setting. It is called "retries.maxRetryAfterMs" now',
    ],
  ])('with an earlier name is refused with the new one: %s', (yaml, expected) => {
    expect(problems(yaml)).toEqual([expected]);
  });

  it.each([
    ['server:\n  prot: 4000', 'parley.yaml:2: server.prot: Unknown setting. Did you mean "port"?'],
    ['timeouts: { conectMs: 5 }', 'parley.yaml:1: timeouts.conectMs: Unknown setting. Did you mean "connectMs"?'],
    [
      'callers:\n  - name: web\n    sha265: x',
      'parley.yaml:3: callers[0].sha265: Unknown setting. Did you mean "sha256"?',
    ],
    [
      'providers:\n  openai:\n    baseUrl: http://127.0.0.1:1',
      'parley.yaml:3: providers.openai.baseUrl: Unknown setting here: set OPENAI_BASE_URL in the environment or .env',
    ],
  ])('near a known one names it, with the line of the key: %s', (yaml, expected) => {
    expect(problems(yaml)).toContain(expected);
  });

  it('without a similar name lists the known ones', () => {
    expect(problems('sandbox:\n  wholly: 1')).toEqual([
      'parley.yaml:2: sandbox.wholly: Unknown setting. Known here: firstTokenMs, tokensPerSecond, refuseRetired',
    ]);
  });
});
