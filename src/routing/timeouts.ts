import { Ending, type Signal } from '../core/abort.ts';
import { GatewayError } from '../core/errors.ts';
import { Alarm } from '../core/idle-timer.ts';
import type { Target } from '../core/model.ts';
import type { Source } from '../core/poll-stream.ts';
import type { Clock, Patience, PatienceSettings } from '../core/ports.ts';

/** What a try waits for at a stretch, each with its own limit. */
export type Phase = 'connect' | 'headers' | 'answer' | 'firstContent';

/** One try's patience with its provider: its signal ends the try when that runs out, or when the call is over. */
export type TryClock = {
  readonly signal: Signal;
  /** From now on this is waited for; the function returned says that it has come, or is waited for no more. */
  await(phase: Phase): () => void;
  /** The same, ended when the provider falls silent. Time counts only while it is waited for. */
  watch<T>(source: Source<T>): Source<T>;
};

const phases: Readonly<Record<Phase, { limit: `${Phase}Ms`; told: string }>> = {
  connect: { limit: 'connectMs', told: 'gave no connection' },
  headers: { limit: 'headersMs', told: 'did not begin to answer' },
  answer: { limit: 'answerMs', told: 'gave no whole answer' },
  firstContent: { limit: 'firstContentMs', told: 'gave no content' },
};

export function createTryClock(provider: string, call: Signal, clock: Clock, patience: Patience): TryClock {
  const own = followerOf(call);
  const giveUp = (told: string) => own.abort(new GatewayError('UPSTREAM_TIMEOUT', `${provider} ${told}`));
  const { silenceMs, pingsMs } = patience;

  function watch<T>(source: Source<T>): Source<T> {
    /** How long there have been nothing but pings, not counting the wait that is under way. */
    let pings = 0;
    let waitingSince: number | undefined;
    const alarm = new Alarm(clock, () => {
      const isSilent = silenceMs <= pingsMs - pings;
      giveUp(isSilent ? `said nothing for ${silenceMs} ms.` : `sent nothing but pings for ${pingsMs} ms.`);
    });
    return {
      take() {
        try {
          const taken = source.take();
          if (taken === 'pending') return taken;
          if (taken === 'over') alarm.stop();
          else {
            alarm.rest();
            pings = taken.length > 0 ? 0 : pings + clock.now() - (waitingSince ?? clock.now());
            waitingSince = undefined;
          }
          return taken;
        } catch (thrown) {
          alarm.stop();
          throw thrown;
        }
      },
      wait() {
        waitingSince = clock.now();
        // A process that stood still counts more pings than it had patience for.
        alarm.set(Math.max(0, Math.min(silenceMs, pingsMs - pings)));
        return source.wait();
      },
      leave() {
        alarm.stop();
        source.leave();
      },
    };
  }

  return {
    signal: own,
    await(phase) {
      const { limit, told } = phases[phase];
      return clock.after(patience[limit], () => giveUp(`${told} within ${patience[limit]} ms.`));
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
  const stop = clock.after(totalMs, () => {
    const message = `There was no complete answer within ${totalMs} ms.`;
    deadline.abort(new GatewayError('UPSTREAM_TIMEOUT', message));
  });
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
