import type { Clock } from './core/ports.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after: (ms, run) => {
    let due: NodeJS.Immediate | undefined;
    // setTimeout drops fractions and may fire early, so one millisecond is added. After a busy phase timers are late
    // while input has arrived: `setImmediate` lets the input be read first.
    const timer = setTimeout(() => {
      due = setImmediate(run);
    }, Math.ceil(ms) + 1);
    return () => {
      clearTimeout(timer);
      clearImmediate(due);
    };
  },
};
