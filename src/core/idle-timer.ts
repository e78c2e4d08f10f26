import type { Clock } from './ports.ts';

/** An idle timer. Re-arming only updates a deadline; the underlying timer re-checks it when it fires. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #dueAt = Number.POSITIVE_INFINITY;
  /** When the underlying timer fires. */
  #lookAt = Number.POSITIVE_INFINITY;
  #cancel = () => {};

  constructor(clock: Clock, onElapsed: () => void) {
    this.#clock = clock;
    this.#ring = onElapsed;
  }

  /** Fires after this time from now. */
  set(ms: number): void {
    this.#dueAt = this.#clock.now() + ms;
    if (this.#lookAt > this.#dueAt) this.#wait(ms);
  }

  /** Does not fire until it is set again. */
  pause(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** Clears the underlying timer. Always call it at the end. */
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
