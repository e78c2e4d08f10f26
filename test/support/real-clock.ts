import type { Clock } from '../../src/core/ports.ts';

/** For what another process keeps the time of. */
export const realClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
