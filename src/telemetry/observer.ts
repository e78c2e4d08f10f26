import type { AttemptObserver, CallObserver, Observer } from '../core/observer.ts';
import type { AccessLog } from './access-log.ts';
import type { CallBatcher } from './call-batcher.ts';
import type { Metrics } from './metrics.ts';
import type { Spans } from './spans.ts';

export type ObserverParts = {
  readonly calls: AccessLog;
  readonly metrics: Metrics;
  readonly spans: Spans;
  readonly batcher: CallBatcher;
};

const noopAttempt: AttemptObserver = { headers: {}, ended: () => {} };

/** Passes events to all telemetry: spans and gauges at once, everything else through the batcher. */
export function createObserver({ calls, metrics, spans, batcher }: ObserverParts): Observer {
  return {
    refused(request) {
      calls.refused(request);
      metrics.refused(request);
    },
    keptStream: metrics.keptStream,
    begin(facts): CallObserver {
      const span = spans.begins(facts);
      const open = metrics.started(facts.mode);
      return {
        attempt: (target) => span?.attempt(target) ?? noopAttempt,
        firstContent() {
          span?.firstContent();
          open.streams();
        },
        ended(outcome) {
          span?.ended(outcome);
          open.ended();
          batcher.add({ facts, outcome });
        },
      };
    },
  };
}

/** No telemetry. */
export const noopObserver: Observer = {
  refused() {},
  keptStream() {},
  begin: () => ({ attempt: () => noopAttempt, firstContent() {}, ended() {} }),
};
