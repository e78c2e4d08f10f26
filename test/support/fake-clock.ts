import type { Clock } from '../../src/core/ports.ts';

export type FakeClock = Clock & {
  /** Advances the time, and runs the timers that are due. */
  pass(ms: number): void;
  /** What is still to run. */
  readonly waiting: number;
};

export function createFakeClock(): FakeClock {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    date: () => new Date(now),
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass(ms) {
      now += ms;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        if (timer.at > now || !timers.delete(timer)) continue;
        timer.run();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}
