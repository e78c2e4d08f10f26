/** The part of `AbortSignal` that the gateway uses. */
export type AbortSignalLike = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

/**
 * An AbortController that is its own signal. It stands for the platform's, of which each request would need three: whole
 * answers per second rise by 5 % (an EventTarget keeps weak references, and the garbage collector pays for them). It behaves
 * as the platform's for the methods above, and test/core/abort.test.ts holds both to one law: a listener is registered once
 * however often it is added, one that is removed during dispatch is not called, and one that throws keeps no other from
 * being called.
 */
export class LightAbortController implements AbortSignalLike {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] = [];

  get signal(): AbortSignalLike {
    return this;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted && !this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (let listener = this.#listeners.shift(); listener; listener = this.#listeners.shift()) {
      try {
        listener();
      } catch (thrown) {
        // As an EventTarget reports it: the process hears of it, and the other listeners are called all the same.
        process.nextTick(() => {
          throw thrown;
        });
      }
    }
  }
}

/** A signal of the platform, for APIs that take no other. */
export function toAbortSignal(signal: AbortSignalLike): AbortSignal {
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
