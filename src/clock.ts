import type { Clock } from './core/ports.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after: (ms, run) => {
    let due: NodeJS.Immediate | undefined;
    // Timers drop fractions and may run a little early: what waits for a time would find that it has not come. After this
    // process was busy they are late, and what is waited for may have come long ago: what has come is read first.
    const timer = setTimeout(() => {
      due = setImmediate(run);
    }, Math.ceil(ms) + 1);
    return () => {
      clearTimeout(timer);
      clearImmediate(due);
    };
  },
};
