import type { Timing } from '../core/completion.ts';
import type { Clock, Waits } from '../core/ports.ts';

/** How long a call takes, and how much of that is the gateway's own doing. */
export type Stopwatch = {
  /** For all waits for others, one at a time. */
  readonly waits: Waits;
  /** Counts a promise as such a wait. */
  readonly during: <T>(wait: Promise<T>) => Promise<T>;
  /** Up to now. */
  read(): Timing;
};

export function createStopwatch(clock: Clock): Stopwatch {
  const startedAt = clock.now();
  let waitedMs = 0;
  let pausedAt: number | undefined;

  const waits: Waits = {
    pause() {
      pausedAt = clock.now();
    },
    goOn() {
      waitedMs += pausedMs();
      pausedAt = undefined;
    },
  };

  function pausedMs(): number {
    return pausedAt === undefined ? 0 : clock.now() - pausedAt;
  }

  return {
    waits,
    async during(wait) {
      waits.pause();
      try {
        return await wait;
      } finally {
        waits.goOn();
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
