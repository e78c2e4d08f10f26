import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../src/routing/breaker.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const settings = { failures: 5, openMs: 1000, maxOpenMs: 3000 };

function closed(chance = () => 0) {
  const clock = createFakeClock();
  const breaker = createBreaker(settings, clock, chance);
  const failTimes = (count: number) => {
    for (let call = 0; call < count; call++) breaker.onFailure('call', true);
  };
  return { clock, breaker, failTimes };
}

function opened(chance?: () => number) {
  const all = closed(chance);
  all.failTimes(settings.failures);
  return all;
}

describe('a breaker', () => {
  it('opens with the fifth failure in a row, and lets nobody in then', () => {
    const { breaker, failTimes } = closed();
    failTimes(4);
    breaker.onSuccess('call');
    failTimes(4);
    expect(breaker.enter()).toBe('call');
    expect(breaker.onFailure('call', true)).toBe(true);
    expect(breaker.enter()).toBeUndefined();
  });

  it('opens when more than half of the last 20 calls failed, in whatever order', () => {
    const { breaker } = closed();
    const call = (isFailure: boolean) => (isFailure ? breaker.onFailure('call', true) : breaker.onSuccess('call'));
    for (let pair = 0; pair < 10; pair++) [true, false].map(call);
    expect(breaker.enter()).toBe('call');
    for (let pair = 0; pair < 2; pair++) [true, true, false].map(call);
    expect(breaker.enter()).toBeUndefined();
  });

  it('lets one probe in when its time is over, and closes when that succeeds', () => {
    const { breaker, clock } = opened();
    clock.pass(999);
    expect(breaker.enter()).toBeUndefined();
    clock.pass(1);
    expect(breaker.enter()).toBe('probe');
    expect(breaker.enter()).toBeUndefined();
    breaker.onSuccess('probe');
    expect([breaker.enter(), breaker.enter()]).toEqual(['call', 'call']);
  });

  it('closes as soon as the answer to a probe begins to come, for that may last', () => {
    const { breaker, clock, failTimes } = opened();
    clock.pass(1000);
    breaker.enter();
    breaker.onFirstContent('probe');
    expect(breaker.enter()).toBe('call');
    failTimes(4);
    breaker.onSuccess('probe');
    failTimes(4);
    expect(breaker.enter()).toBe('call');
  });

  it('is not soothed by answers that only begin', () => {
    const { breaker } = closed();
    for (let call = 0; call < settings.failures; call++) {
      breaker.onFirstContent('call');
      breaker.onFailure('call', true);
    }
    expect(breaker.enter()).toBeUndefined();
  });

  it('stays open longer with each probe that fails, up to a limit', () => {
    const { breaker, clock } = opened();
    for (const wait of [1000, 2000, 3000, 3000]) {
      clock.pass(wait - 1);
      expect(breaker.enter()).toBeUndefined();
      clock.pass(1);
      expect(breaker.enter()).toBe('probe');
      breaker.onFailure('probe', true);
    }
  });

  it('lets the next one probe when the caller of a probe leaves', () => {
    const { breaker, clock } = opened();
    clock.pass(1000);
    expect(breaker.enter()).toBe('probe');
    breaker.onCancelled('probe');
    expect(breaker.enter()).toBe('probe');
  });

  it('learns nothing from calls that began before it opened', () => {
    const { breaker, clock } = opened();
    clock.pass(1000);
    breaker.enter();
    breaker.onSuccess('call');
    breaker.onFailure('call', true);
    expect(breaker.enter()).toBeUndefined();
  });

  it('does not open where nothing else is left, however often calls fail', () => {
    const { breaker } = closed();
    for (let call = 0; call < 50; call++) expect(breaker.onFailure('call', false)).toBe(false);
    expect(breaker.enter()).toBe('call');
  });

  it('probes up to a tenth later by chance, so that many do not probe at once', () => {
    const { breaker } = opened(() => 0.5);
    expect(breaker.openUntil).toBe(1050);
  });
});
