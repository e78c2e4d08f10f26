import { describe, expect, it } from 'vitest';
import type { ProviderAccess, ProviderHealth } from '../../src/core/model.ts';
import { createReadiness } from '../../src/telemetry/readiness.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { facts, outcome } from '../support/outcomes.ts';

function open(access: ProviderAccess = 'real') {
  const clock = createFakeClock();
  const open = new Map<string, number>();
  const health = (): ProviderHealth => ({
    status: 'ready',
    availableAt: undefined,
    keys: [
      {
        name: 'acme#1',
        cooldowns: [...open].map(([model, until]) => ({
          model,
          status: 'open' as const,
          availableAt: new Date(until),
          code: 'UPSTREAM_UNAVAILABLE' as const,
        })),
      },
    ],
  });
  const readiness = createReadiness({ subject: { providers: [{ id: 'acme', name: 'Acme', access }], health }, clock });
  const ask = (model: string) => {
    const attempts = outcome().attempts.map((attempt) => ({ ...attempt, provider: 'acme', model }));
    readiness.count({ facts: facts(), outcome: outcome({ attempts }) });
  };
  return { clock, open, readiness, ask };
}

describe('readiness', () => {
  it('is true before the first call', () => {
    expect(open().readiness.hasAvailableTarget()).toBe(true);
  });

  it('is false without a provider', () => {
    expect(open('missing_key').readiness.hasAvailableTarget()).toBe(false);
  });

  it('is false while all recently used targets are unavailable', () => {
    const { readiness, ask, open: shut } = open();
    ask('a');
    ask('b');
    shut.set('a', 10_000);
    expect(readiness.hasAvailableTarget()).toBe(true);
    shut.set('b', 10_000);
    expect(readiness.hasAvailableTarget()).toBe(false);
  });

  it('is true again when a probe is due: without calls nothing would detect a recovery', () => {
    const { readiness, ask, clock, open: shut } = open();
    ask('a');
    shut.set('a', 10_000);
    expect(readiness.hasAvailableTarget()).toBe(false);
    clock.pass(10_000);
    expect(readiness.hasAvailableTarget()).toBe(true);
  });

  it('evicts entries that are not used any more', () => {
    const { readiness, ask, clock, open: shut } = open();
    ask('a');
    clock.pass(300_000);
    ask('b');
    shut.set('b', 400_000);
    expect(readiness.hasAvailableTarget()).toBe(false);
    clock.pass(90_000);
    ask('a');
    expect(readiness.hasAvailableTarget()).toBe(true);
  });
});
