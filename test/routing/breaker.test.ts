import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { cancelled, failure, success } from '../../src/core/outcome.ts';
import { type BreakerPass, createBreaker } from '../../src/routing/breaker.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const settings = { failures: 5, openMs: 1000, maxOpenMs: 3000 };
const failed = failure(new GatewayError('UPSTREAM_ERROR', 'x'));

function closed(random = () => 0) {
  const clock = createFakeClock();
  const breaker = createBreaker(settings, clock, random);
  const enter = (): BreakerPass => {
    const pass = breaker.enter();
    if (!pass) throw new Error('The breaker is open');
    return pass;
  };
  const failTimes = (count: number) => {
    for (let call = 0; call < count; call++) enter().settle(failed, true);
  };
  const kind = () => {
    const pass = breaker.enter();
    return pass && (pass.isProbe ? 'probe' : 'call');
  };
  return { clock, breaker, enter, failTimes, kind };
}

function opened(random?: () => number) {
  const all = closed(random);
  all.failTimes(settings.failures);
  return all;
}

describe('a breaker', () => {
  it('opens with the fifth consecutive failure', () => {
    const { enter, failTimes, kind } = closed();
    failTimes(4);
    enter().settle(success, true);
    failTimes(4);
    expect(kind()).toBe('call');
    expect(enter().settle(failed, true)).toBe(true);
    expect(kind()).toBeUndefined();
  });

  it('opens when more than half of the last 20 calls failed, in any order', () => {
    const { enter, kind } = closed();
    const call = (isFailure: boolean) => enter().settle(isFailure ? failed : success, true);
    for (let pair = 0; pair < 10; pair++) [true, false].map(call);
    expect(kind()).toBe('call');
    const passes = Array.from({ length: 6 }, enter);
    for (const [index, pass] of passes.entries()) pass.settle(index % 3 === 2 ? success : failed, true);
    expect(kind()).toBeUndefined();
  });

  it('admits one probe after its open time, and closes when the probe succeeds', () => {
    const { enter, clock, kind } = opened();
    clock.pass(999);
    expect(kind()).toBeUndefined();
    clock.pass(1);
    const probe = enter();
    expect(probe.isProbe).toBe(true);
    expect(kind()).toBeUndefined();
    probe.settle(success, true);
    expect([kind(), kind()]).toEqual(['call', 'call']);
  });

  it('closes at the first content of a probe, for the rest of its response may take minutes', () => {
    const { enter, clock, failTimes, kind } = opened();
    clock.pass(1000);
    const probe = enter();
    probe.firstContent();
    expect(kind()).toBe('call');
    failTimes(4);
    probe.settle(success, true);
    failTimes(4);
    expect(kind()).toBe('call');
  });

  it('counts responses that begin and then fail as failures', () => {
    const { enter, kind } = closed();
    for (let call = 0; call < settings.failures; call++) {
      const pass = enter();
      pass.firstContent();
      pass.settle(failed, true);
    }
    expect(kind()).toBeUndefined();
  });

  it('stays open longer after each failed probe, up to maxOpenMs', () => {
    const { enter, clock, kind } = opened();
    for (const wait of [1000, 2000, 3000, 3000]) {
      clock.pass(wait - 1);
      expect(kind()).toBeUndefined();
      clock.pass(1);
      const probe = enter();
      expect(probe.isProbe).toBe(true);
      probe.settle(failed, true);
    }
  });

  it('admits the next probe when a probe is cancelled', () => {
    const { enter, clock, kind } = opened();
    clock.pass(1000);
    enter().settle(cancelled, true);
    expect(kind()).toBe('probe');
  });

  it('ignores the outcome of calls that began before it opened', () => {
    const { enter, failTimes, clock, kind } = closed();
    const [one, other] = [enter(), enter()];
    failTimes(5);
    clock.pass(1000);
    expect(kind()).toBe('probe');
    one.settle(success, true);
    other.settle(failed, true);
    expect(kind()).toBeUndefined();
  });

  it('does not open where it must not', () => {
    const { enter, kind } = closed();
    for (let call = 0; call < 50; call++) expect(enter().settle(failed, false)).toBe(false);
    expect(kind()).toBe('call');
  });

  it('counts each call once, however often it is settled', () => {
    const { enter, kind } = closed();
    const pass = enter();
    for (let time = 0; time < 20; time++) pass.settle(failed, true);
    expect(kind()).toBe('call');
  });

  it('adds up to 10 % of jitter to the open time', () => {
    const { breaker } = opened(() => 0.5);
    expect(breaker.openUntil).toBe(1050);
  });
});
