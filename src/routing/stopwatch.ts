import type { Timing } from '../core/completion.ts';
import type { Clock } from '../core/ports.ts';

/** How long a call takes, and how much of that is the gateway's own doing. */
export type Stopwatch = {
  /** Others are waited for from now on; the function returned says that the wait is over. One wait at a time. */
  pause(): () => void;
  /** Counts a promise as such a wait. */
  readonly during: <T>(wait: Promise<T>) => Promise<T>;
  /** Up to now. */
  read(): Timing;
};

export function createStopwatch(clock: Clock): Stopwatch {
  const startedAt = clock.now();
  let waitedMs = 0;
  let pausedAt: number | undefined;

  function pause(): () => void {
    pausedAt = clock.now();
    return () => {
      waitedMs += pausedMs();
      pausedAt = undefined;
    };
  }

  function pausedMs(): number {
    return pausedAt === undefined ? 0 : clock.now() - pausedAt;
  }

  return {
    pause,
    async during(wait) {
      const goOn = pause();
      try {
        return await wait;
      } finally {
        goOn();
      }
    },
    read() {
      const ms = clock.now() - startedAt;
      return { latencyMs: Math.round(ms), overheadMs: round(ms - waitedMs - pausedMs()) };
    },
  };
}

/** To a hundredth of a millisecond: what is behind that is noise. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
