import { GatewayError } from '../core/errors.ts';
import type { Clock, Patience } from '../core/ports.ts';

/** One try's patience with its provider: its signal ends the try when that runs out, or when the call is over. */
export type TryClock = {
  readonly signal: AbortSignal;
  /** From now on the first content is waited for; the function returned says that it has come. */
  awaitContent(): () => void;
  /** The same sequence, ended when the provider falls silent. Time counts only while it is waited for. */
  watch<T>(batches: AsyncGenerator<readonly T[]>): AsyncGenerator<readonly T[]>;
};

export function createTryClock(provider: string, call: AbortSignal, clock: Clock, patience: Patience): TryClock {
  const own = new AbortController();
  const giveUp = (message: string) => () => own.abort(new GatewayError('UPSTREAM_TIMEOUT', `${provider} ${message}`));
  const { firstContentMs, silenceMs, pingsMs } = patience;

  async function* watch<T>(batches: AsyncGenerator<readonly T[]>): AsyncGenerator<readonly T[]> {
    let pings = 0;
    try {
      for (;;) {
        const startedAt = clock.now();
        const silence = clock.after(silenceMs, giveUp(`said nothing for ${silenceMs} ms.`));
        const onlyPings = clock.after(pingsMs - pings, giveUp(`sent nothing but pings for ${pingsMs} ms.`));
        const { done, value } = await batches.next().finally(() => {
          silence();
          onlyPings();
        });
        if (done) return;
        pings = value.length > 0 ? 0 : pings + clock.now() - startedAt;
        yield value;
      }
    } finally {
      await batches.return(undefined);
    }
  }

  return {
    signal: AbortSignal.any([call, own.signal]),
    awaitContent: () => clock.after(firstContentMs, giveUp(`gave no content within ${firstContentMs} ms.`)),
    watch,
  };
}

/** The signal of a whole call: the caller's, or the end of all patience. `stop` lets the clock go. */
export function withDeadline(
  caller: AbortSignal,
  clock: Clock,
  { totalMs }: Patience,
): { signal: AbortSignal; stop: () => void } {
  const deadline = new AbortController();
  const message = `There was no complete answer within ${totalMs} ms.`;
  const stop = clock.after(totalMs, () => deadline.abort(new GatewayError('UPSTREAM_TIMEOUT', message)));
  return { signal: AbortSignal.any([caller, deadline.signal]), stop };
}
