import type { Clock } from './ports.ts';

/** Rings when it was left alone for its time. It is put off far more often than it rings, and that costs no more than a look at the clock. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #dueAt = Number.POSITIVE_INFINITY;
  /** When the timer that runs will look whether it is time. */
  #lookAt = Number.POSITIVE_INFINITY;
  #cancel = () => {};

  constructor(clock: Clock, onElapsed: () => void) {
    this.#clock = clock;
    this.#ring = onElapsed;
  }

  /** Rings after this time from now. */
  set(ms: number): void {
    this.#dueAt = this.#clock.now() + ms;
    if (this.#lookAt > this.#dueAt) this.#wait(ms);
  }

  /** Does not ring until it is set again. */
  pause(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** Lets the clock go. Always to be called in the end. */
  stop(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#lookAt = Number.POSITIVE_INFINITY;
    this.#cancel();
  }

  #wait(ms: number): void {
    this.#cancel();
    this.#lookAt = this.#clock.now() + ms;
    this.#cancel = this.#clock.after(ms, () => this.#look());
  }

  #look(): void {
    this.#lookAt = Number.POSITIVE_INFINITY;
    const leftMs = this.#dueAt - this.#clock.now();
    if (leftMs <= 0) {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#ring();
    } else if (this.#dueAt < Number.POSITIVE_INFINITY) {
      this.#wait(leftMs);
    }
  }
}
