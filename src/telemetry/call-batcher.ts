import type { CallFacts, CallOutcome } from '../core/observer.ts';
import type { Clock, Log } from '../core/ports.ts';

/** A call that has ended. */
export type EndedCall = { readonly facts: CallFacts; readonly outcome: CallOutcome };

/** One who keeps count of them. */
export type CallCounter = { count(call: EndedCall): void };

export type CallBatcher = {
  add(call: EndedCall): void;
  /** Counts now what is left to count: for whoever is about to read. */
  flush(): void;
};

/** Nobody sees a log, a graph or a sum change sooner. */
const waitMs = 20;

/**
 * Calls that have ended are counted a moment later and together, each counter over all of them: none of it is in the way of
 * an answer, and code that runs a hundred times in a row costs a third of what it does between two other things.
 */
export function createCallBatcher(clock: Clock, log: Log, counters: readonly CallCounter[]): CallBatcher {
  let waiting: EndedCall[] = [];
  let cancel = () => {};

  function flush(): void {
    cancel();
    const calls = waiting;
    waiting = [];
    for (const counter of counters) {
      try {
        for (const call of calls) counter.count(call);
      } catch (thrown) {
        log.error({ err: thrown }, 'Calls could not be counted');
      }
    }
  }

  return {
    add(call) {
      if (waiting.length === 0) cancel = clock.after(waitMs, flush);
      waiting.push(call);
    },
    flush,
  };
}
