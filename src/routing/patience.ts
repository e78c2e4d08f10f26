import { createAlarm } from '../core/alarm.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';
import type { Clock, Patience, PatienceSettings } from '../core/ports.ts';
import { Ending, type Signal } from '../core/signal.ts';

/** What a try waits for at a stretch, each with its own limit. */
export type Phase = 'connect' | 'headers' | 'answer' | 'firstContent';

/** One try's patience with its provider: its signal ends the try when that runs out, or when the call is over. */
export type TryClock = {
  readonly signal: Signal;
  /** From now on this is waited for; the function returned says that it has come, or is waited for no more. */
  await(phase: Phase): () => void;
  /** The same sequence, ended when the provider falls silent. Time counts only while it is waited for. */
  watch<T>(batches: AsyncGenerator<readonly T[]>): AsyncIterableIterator<readonly T[]>;
};

const phases: Readonly<Record<Phase, { limit: `${Phase}Ms`; told: string }>> = {
  connect: { limit: 'connectMs', told: 'gave no connection' },
  headers: { limit: 'headersMs', told: 'did not begin to answer' },
  answer: { limit: 'answerMs', told: 'gave no whole answer' },
  firstContent: { limit: 'firstContentMs', told: 'gave no content' },
};

export function createTryClock(provider: string, call: Signal, clock: Clock, patience: Patience): TryClock {
  const own = followerOf(call);
  const giveUp = (message: string) => () => own.abort(new GatewayError('UPSTREAM_TIMEOUT', `${provider} ${message}`));
  const { silenceMs, pingsMs } = patience;

  function watch<T>(batches: AsyncGenerator<readonly T[]>): AsyncIterableIterator<readonly T[]> {
    let pings = 0;
    const silence = createAlarm(clock, giveUp(`said nothing for ${silenceMs} ms.`));
    const onlyPings = createAlarm(clock, giveUp(`sent nothing but pings for ${pingsMs} ms.`));
    const stop = () => {
      silence.stop();
      onlyPings.stop();
    };
    let askedAt = 0;
    const came = (read: IteratorResult<readonly T[]>) => {
      if (read.done) {
        stop();
      } else {
        silence.rest();
        onlyPings.rest();
        pings = read.value.length > 0 ? 0 : pings + clock.now() - askedAt;
      }
      return read;
    };
    const broke = (thrown: unknown) => {
      stop();
      throw thrown;
    };
    const watched: AsyncIterableIterator<readonly T[]> = {
      next() {
        askedAt = clock.now();
        silence.set(silenceMs);
        // A process that stood still counts more of them than it had patience for.
        onlyPings.set(Math.max(0, pingsMs - pings));
        return batches.next().then(came, broke);
      },
      return() {
        stop();
        return batches.return(undefined);
      },
      [Symbol.asyncIterator]: () => watched,
    };
    return watched;
  }

  return {
    signal: own,
    await(phase) {
      const { limit, told } = phases[phase];
      return clock.after(patience[limit], giveUp(`${told} within ${patience[limit]} ms.`));
    },
    watch,
  };
}

/** The limits for a target: its own before those of its provider, and these before those for all. */
export function createPatience({ for: special, ...all }: PatienceSettings) {
  const own = new Map(Object.entries(special));
  return ({ provider, model }: Pick<Target, 'provider' | 'model'>): Patience => {
    const layers = [own.get(provider), own.get(`${provider}/${model}`)];
    const limits = layers.flatMap((layer) => Object.entries(layer ?? {}).filter(([, ms]) => ms !== undefined));
    return limits.length === 0 ? all : { ...all, ...Object.fromEntries(limits) };
  };
}

export type Deadline = {
  /** The caller's signal, or the end of all patience. */
  readonly signal: Signal;
  /** How long there is still time. */
  leftMs(): number;
  /** None is left, for another reason. */
  end(reason: GatewayError): void;
  /** Lets the clock go. */
  stop(): void;
};

/** One deadline for all that a call does. */
export function withDeadline(caller: Signal, clock: Clock, { totalMs }: Patience): Deadline {
  const deadline = followerOf(caller);
  const endsAt = clock.now() + totalMs;
  const message = `There was no complete answer within ${totalMs} ms.`;
  const stop = clock.after(totalMs, () => deadline.abort(new GatewayError('UPSTREAM_TIMEOUT', message)));
  return {
    signal: deadline,
    leftMs: () => endsAt - clock.now(),
    end: (reason) => deadline.abort(reason),
    stop,
  };
}

/** Aborted with the signal, or by itself. */
function followerOf(signal: Signal): Ending {
  const follower = new Ending();
  const follow = () => follower.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return follower;
}
