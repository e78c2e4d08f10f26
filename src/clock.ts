import type { Clock } from './core/ports.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  today: () => new Date(),
  after: (ms, run) => {
    // Timers drop fractions and may run a little early: what waits for a time would find that it has not come.
    const timer = setTimeout(run, Math.ceil(ms) + 1);
    return () => clearTimeout(timer);
  },
};
