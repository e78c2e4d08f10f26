import type { CallFacts, CallObserver, Observer, Refused } from '../core/observer.ts';

/** One who need not listen to everything. */
export type Listener = {
  begins(facts: CallFacts): Partial<CallObserver>;
  refused?(request: Refused): void;
};

/** Tells all of them what happens. */
export function observeAll(listeners: readonly Listener[]): Observer {
  return {
    refused(request) {
      for (const listener of listeners) listener.refused?.(request);
    },
    begins(facts) {
      const calls = listeners.map((listener) => listener.begins(facts));
      return {
        tries(target) {
          const tries = calls.flatMap((call) => call.tries?.(target) ?? []);
          return {
            headers: Object.assign({}, ...tries.map(({ headers }) => headers)),
            ended(attempt) {
              for (const one of tries) one.ended(attempt);
            },
          };
        },
        streams() {
          for (const call of calls) call.streams?.();
        },
        ended(outcome) {
          for (const call of calls) call.ended?.(outcome);
        },
      };
    },
  };
}
