/** What is asked of an `AbortSignal` here, in its own words: one of the web is a signal too. */
export type AbortSignalLike = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', run: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', run: () => void): void;
};

/**
 * A signal with its controller. Every call has two, and those of the web are event targets, with maps of listeners and weak
 * references: they took more time and memory than all that is done with them.
 */
export class LightAbortController implements AbortSignalLike {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] = [];

  /** Each is told once, for it ends once. */
  addEventListener(_type: 'abort', run: () => void): void {
    this.#listeners.push(run);
  }

  removeEventListener(_type: 'abort', run: () => void): void {
    const index = this.#listeners.indexOf(run);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const run of listeners) run();
  }
}

/** For those who take nothing but the web's own. */
export function toAbortSignal(signal: AbortSignalLike): AbortSignal {
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
