import { type AbortSignalLike, LightAbortController } from '../core/abort.ts';
import { GatewayError } from '../core/errors.ts';
import { IdleTimer } from '../core/idle-timer.ts';
import type { Target } from '../core/model.ts';
import type { PollStream } from '../core/poll-stream.ts';
import type { Clock, TimeoutSettings, Timeouts } from '../core/ports.ts';

/** Phases of an attempt, each with its own timeout. */
export type Phase = 'connect' | 'headers' | 'response' | 'firstContent';

/** The timeouts of one attempt: its signal is aborted when one elapses, or with the request. */
export type AttemptTimeouts = {
  readonly signal: AbortSignalLike;
  /** Starts the timeout of a phase. The returned function stops it. */
  start(phase: Phase): () => void;
  /** Adds idle timeouts to a stream. Time counts only while the provider is waited for. */
  withIdleTimeout<T>(stream: PollStream<T>): PollStream<T>;
};

const phases: Readonly<Record<Phase, { limit: `${Phase}Ms`; message: string }>> = {
  connect: { limit: 'connectMs', message: 'gave no connection' },
  headers: { limit: 'headersMs', message: 'sent no response headers' },
  response: { limit: 'responseMs', message: 'sent no whole answer' },
  firstContent: { limit: 'firstContentMs', message: 'sent no content' },
};

export function createAttemptTimeouts(
  provider: string,
  call: AbortSignalLike,
  clock: Clock,
  timeouts: Timeouts,
): AttemptTimeouts {
  const own = linkedController(call);
  const fail = (message: string) => own.abort(new GatewayError('UPSTREAM_TIMEOUT', `${provider} ${message}`));
  const { idleMs, keepAliveOnlyMs } = timeouts;

  function withIdleTimeout<T>(stream: PollStream<T>): PollStream<T> {
    /** How long there have been only keep-alive events, without the current wait. */
    let keepAliveMs = 0;
    let waitingSince: number | undefined;
    const idleTimer = new IdleTimer(clock, () => {
      const isSilent = idleMs <= keepAliveOnlyMs - keepAliveMs;
      fail(
        isSilent ? `sent nothing for ${idleMs} ms.` : `sent nothing but keep-alive events for ${keepAliveOnlyMs} ms.`,
      );
    });
    return {
      poll() {
        try {
          const batch = stream.poll();
          if (batch === 'pending') return batch;
          if (batch === 'done') idleTimer.stop();
          else {
            idleTimer.pause();
            keepAliveMs = batch.length > 0 ? 0 : keepAliveMs + clock.now() - (waitingSince ?? clock.now());
            waitingSince = undefined;
          }
          return batch;
        } catch (thrown) {
          idleTimer.stop();
          throw thrown;
        }
      },
      ready() {
        waitingSince = clock.now();
        // After a pause of the process this may already exceed the limit.
        idleTimer.set(Math.max(0, Math.min(idleMs, keepAliveOnlyMs - keepAliveMs)));
        return stream.ready();
      },
      cancel() {
        idleTimer.stop();
        stream.cancel();
      },
    };
  }

  return {
    signal: own.signal,
    start(phase) {
      const { limit, message } = phases[phase];
      return clock.after(timeouts[limit], () => fail(`${message} within ${timeouts[limit]} ms.`));
    },
    withIdleTimeout,
  };
}

/** The timeouts for a target: its own before its provider's, and these before the general ones. */
export function createTimeoutResolver({ for: special, ...all }: TimeoutSettings) {
  const own = new Map(Object.entries(special));
  return ({ provider, model }: Pick<Target, 'provider' | 'model'>): Timeouts => {
    const layers = [own.get(provider), own.get(`${provider}/${model}`)];
    const limits = layers.flatMap((layer) => Object.entries(layer ?? {}).filter(([, ms]) => ms !== undefined));
    return limits.length === 0 ? all : { ...all, ...Object.fromEntries(limits) };
  };
}

export type Deadline = {
  /** Aborted when the client disconnects or the deadline passes. */
  readonly signal: AbortSignalLike;
  /** Remaining time in milliseconds. */
  leftMs(): number;
  /** Aborts the request for another reason. */
  abort(reason: GatewayError): void;
  /** Clears the timer. */
  stop(): void;
};

/** One deadline for a whole request. */
export function withDeadline(caller: AbortSignalLike, clock: Clock, { totalMs }: Timeouts): Deadline {
  const deadline = linkedController(caller);
  const endsAt = clock.now() + totalMs;
  const stop = clock.after(totalMs, () => {
    const message = `No complete answer within ${totalMs} ms (timeouts.totalMs).`;
    deadline.abort(new GatewayError('UPSTREAM_TIMEOUT', message));
  });
  return {
    signal: deadline.signal,
    leftMs: () => endsAt - clock.now(),
    abort: (reason) => deadline.abort(reason),
    stop,
  };
}

/** A controller that is aborted with the signal, or on its own. */
function linkedController(signal: AbortSignalLike): LightAbortController {
  const controller = new LightAbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return controller;
}
