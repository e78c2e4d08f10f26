import type { CallObserver, Observer, TryObserver } from '../core/observer.ts';
import type { CallLog } from './access-log.ts';
import type { Backlog } from './call-batcher.ts';
import type { Metrics } from './metrics.ts';
import type { Spans } from './spans.ts';

export type ObserverParts = {
  readonly calls: CallLog;
  readonly metrics: Metrics;
  readonly spans: Spans;
  readonly backlog: Backlog;
};

const unseen: TryObserver = { headers: {}, ended: () => {} };

/** Watches calls for all who keep count: what is open is known at once, and so are spans; all the rest is the backlog's. */
export function createObserver({ calls, metrics, spans, backlog }: ObserverParts): Observer {
  return {
    refused(request) {
      calls.refused(request);
      metrics.refused(request);
    },
    begins(facts): CallObserver {
      const span = spans.begins(facts);
      const open = metrics.open(facts.mode);
      return {
        tries: (target) => span?.tries(target) ?? unseen,
        streams() {
          span?.streams();
          open.streams();
        },
        ended(outcome) {
          span?.ended(outcome);
          open.ended();
          backlog.add({ facts, outcome });
        },
      };
    },
  };
}

/** Where nobody keeps count. */
export const nobodyWatches: Observer = {
  refused() {},
  begins: () => ({ tries: () => unseen, streams() {}, ended() {} }),
};
