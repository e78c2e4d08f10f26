import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IdleTimer } from '../../src/core/idle-timer.ts';
import { createFakeClock } from '../support/fake-clock.ts';

type Step = { readonly set: number } | { readonly pass: number } | 'pause' | 'stop';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ set: fc.nat(50) }),
  fc.record({ pass: fc.integer({ min: 1, max: 40 }) }),
  fc.constantFrom('pause' as const, 'stop' as const),
);

it('fires once, when it has not been extended for its time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const clock = createFakeClock();
      const rung: number[] = [];
      const expected: number[] = [];
      const timer = new IdleTimer(clock, () => rung.push(clock.now()));
      let dueAt = Number.POSITIVE_INFINITY;
      for (const one of steps) {
        if (one === 'pause' || one === 'stop') {
          timer[one]();
          dueAt = Number.POSITIVE_INFINITY;
        } else if ('set' in one) {
          timer.set(one.set);
          dueAt = clock.now() + one.set;
        } else {
          for (let ms = 0; ms < one.pass; ms++) {
            clock.pass(1);
            if (clock.now() < dueAt) continue;
            expected.push(clock.now());
            dueAt = Number.POSITIVE_INFINITY;
          }
        }
      }
      expect(rung).toEqual(expected);
      timer.stop();
      expect(clock.waiting).toBe(0);
    }),
  );
});

it('has one timer at most, however often it is extended', () => {
  const clock = createFakeClock();
  const timer = new IdleTimer(clock, () => {});
  for (let turn = 0; turn < 1_000; turn++) {
    timer.set(100);
    clock.pass(1);
    expect(clock.waiting).toBe(1);
  }
  timer.stop();
});
