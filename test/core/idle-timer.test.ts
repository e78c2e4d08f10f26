import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Alarm } from '../../src/core/idle-timer.ts';
import { createFakeClock } from '../support/fake-clock.ts';

type Step = { readonly set: number } | { readonly pass: number } | 'rest' | 'stop';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ set: fc.nat(50) }),
  fc.record({ pass: fc.integer({ min: 1, max: 40 }) }),
  fc.constantFrom('rest' as const, 'stop' as const),
);

it('rings once, when it was left alone for the time it was last set to, and not before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const clock = createFakeClock();
      const rung: number[] = [];
      const expected: number[] = [];
      const alarm = new Alarm(clock, () => rung.push(clock.now()));
      let dueAt = Number.POSITIVE_INFINITY;
      for (const one of steps) {
        if (one === 'rest' || one === 'stop') {
          alarm[one]();
          dueAt = Number.POSITIVE_INFINITY;
        } else if ('set' in one) {
          alarm.set(one.set);
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
      alarm.stop();
      expect(clock.waiting).toBe(0);
    }),
  );
});

it('has one timer at most, however often it is put off', () => {
  const clock = createFakeClock();
  const alarm = new Alarm(clock, () => {});
  for (let turn = 0; turn < 1_000; turn++) {
    alarm.set(100);
    clock.pass(1);
    expect(clock.waiting).toBe(1);
  }
  alarm.stop();
});
