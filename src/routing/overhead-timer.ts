import type { Timing } from '../core/completion.ts';
import type { Clock, WaitTimer } from '../core/ports.ts';

/** Measures how long a request takes, and how much of it is the gateway's own overhead. */
export type OverheadTimer = {
  /** For waits, one at a time. */
  readonly waitTimer: WaitTimer;
  /** Counts a promise as a wait. */
  readonly during: <T>(wait: Promise<T>) => Promise<T>;
  /** Up to now. */
  read(): Timing;
};

export function createOverheadTimer(clock: Clock): OverheadTimer {
  const startedAt = clock.now();
  let waitedMs = 0;
  let pausedAt: number | undefined;

  const waitTimer: WaitTimer = {
    start() {
      pausedAt = clock.now();
    },
    stop() {
      waitedMs += pausedMs();
      pausedAt = undefined;
    },
  };

  function pausedMs(): number {
    return pausedAt === undefined ? 0 : clock.now() - pausedAt;
  }

  return {
    waitTimer,
    async during(wait) {
      waitTimer.start();
      try {
        return await wait;
      } finally {
        waitTimer.stop();
      }
    },
    read() {
      const ms = clock.now() - startedAt;
      return { latencyMs: Math.round(ms), overheadMs: round(ms - waitedMs - pausedMs()) };
    },
  };
}

/** To a hundredth of a millisecond: smaller differences are noise. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
