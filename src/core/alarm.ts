import type { Clock } from './ports.ts';

/** Rings when it was left alone for its time. It is put off far more often than it rings, and that costs no more than a look at the clock. */
export type Alarm = {
  /** Rings after this time from now. */
  set(ms: number): void;
  /** Does not ring until it is set again. */
  rest(): void;
  /** Lets the clock go. Always to be called in the end. */
  stop(): void;
};

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let dueAt = Number.POSITIVE_INFINITY;
  /** When the timer that runs will look whether it is time. */
  let lookAt = Number.POSITIVE_INFINITY;
  let cancel = () => {};

  function wait(ms: number): void {
    cancel();
    lookAt = clock.now() + ms;
    cancel = clock.after(ms, look);
  }

  function look(): void {
    lookAt = Number.POSITIVE_INFINITY;
    const leftMs = dueAt - clock.now();
    if (leftMs <= 0) {
      dueAt = Number.POSITIVE_INFINITY;
      ring();
    } else if (dueAt < Number.POSITIVE_INFINITY) {
      wait(leftMs);
    }
  }

  return {
    set(ms) {
      dueAt = clock.now() + ms;
      if (lookAt > dueAt) wait(ms);
    },
    rest() {
      dueAt = Number.POSITIVE_INFINITY;
    },
    stop() {
      dueAt = Number.POSITIVE_INFINITY;
      lookAt = Number.POSITIVE_INFINITY;
      cancel();
    },
  };
}
