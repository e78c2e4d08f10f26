import type { Clock } from '../../src/core/ports.ts';

/** For timing by another process. */
export const realClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
