import type { AbortSignalLike } from '../core/abort.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Attempt } from '../core/completion.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { CallFailure } from '../core/gateway.ts';
import { chatLimits } from '../core/message.ts';
import type { Target } from '../core/model.ts';
import type { AttemptObserver, CallObserver } from '../core/observer.ts';
import type { PreparedRequest, ProviderClient } from './attempt.ts';
import type { KeyLease } from './key-pool.ts';
import type { OverheadTimer } from './overhead-timer.ts';
import type { AttemptTimeouts, Deadline } from './timeouts.ts';
import type { UsageMeter } from './usage-meter.ts';

/** One call on its way: what it asks for, and what has been tried. */
export type Call = {
  readonly request: ChatRequest;
  readonly targets: readonly Target[];
  readonly watch: OverheadTimer;
  readonly observed: CallObserver;
  readonly attempts: Attempt[];
  /** Of the provider that answers, or was asked last, one more may be asked. */
  leaveProvider: () => void;
  readonly bill: UsageMeter;
  readonly deadline: Deadline;
  /** Fires when the caller leaves, or when there is no more time. */
  readonly signal: AbortSignalLike;
  /** Makes room for another, stops the clock, settles the bill, and gives the request id back. */
  release(): void;
};

/** One try of it, from the moment a target and a key are chosen. */
export type AttemptContext = {
  readonly call: Call;
  readonly target: Target;
  readonly line: ProviderClient;
  readonly prepared: PreparedRequest;
  readonly turn: KeyLease;
  readonly observed: AttemptObserver;
  readonly startedAt: number;
  readonly clock: AttemptTimeouts;
};

/** What was thrown, as callers may see it. A call whose caller left was cancelled, whatever broke first. */
export function toPublicError(thrown: unknown, { signal }: Call, turn: KeyLease | undefined): GatewayError {
  if (signal.aborted) {
    if (signal.reason instanceof GatewayError) return signal.reason;
    return new GatewayError('CANCELLED', 'The caller left before the answer was complete.', { cause: thrown });
  }
  return withoutKey(toGatewayError(thrown), turn?.key.secret?.reveal());
}

/** No provider gives out keys as short as this; one made up for a local server would be found inside of words. */
const minKeyChars = 8;

/** Providers echo keys in their messages at times. */
function withoutKey(error: GatewayError, key: string | undefined): GatewayError {
  if (!key || key.length < minKeyChars || !error.message.includes(key)) return error;
  const { code, message, retryable, retryAfterMs, issues, status } = error;
  return new GatewayError(code, message.replaceAll(key, '[key]'), { retryable, retryAfterMs, issues, status });
}

/** The last that each target of a call has told of itself, in the order in which they were asked. */
export type Failures = ReadonlyMap<Target, GatewayError>;

/** How a call ends that no target answered: with the failure of the one that was asked, or with the sum of all. */
export function toCallFailure({ attempts, watch }: Call, failures: Failures): CallFailure {
  const [first, ...others] = failures;
  if (!first) throw new Error('A call without an answer has a failure');
  const [target, error] = first;
  if (others.length === 0) return fail(error, target, attempts, watch);
  const told = [...failures.values()];
  // Where all are full it is this gateway that is: nobody failed.
  if (told.every(({ code }) => code === 'OVERLOADED')) return fail(error, target, attempts, watch);
  const codes = [...failures].map(([{ provider, model }, { code }]) => `${provider}/${model} ${code}`).join(', ');
  const waits = told.flatMap(({ retryable, retryAfterMs }) => (retryable ? (retryAfterMs ?? []) : []));
  return fail(
    new GatewayError('TARGETS_EXHAUSTED', `None of ${failures.size} targets could answer: ${codes}.`, {
      cause: new AggregateError(told),
      retryable: told.some(({ retryable }) => retryable),
      retryAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
    }),
    target,
    attempts,
    watch,
  );
}

/** How a call ends that must not go on. */
export function toFinalFailure({ attempts, watch }: Call, target: Target, error: GatewayError): CallFailure {
  return fail(error, target, attempts, watch);
}

/** How a call ends that was refused before any target was tried. */
export function toRefusal(thrown: unknown, asked: Named, watch: OverheadTimer): CallFailure {
  return fail(toGatewayError(thrown), asked, [], watch);
}

/** The names in a request. It is unread: it may be anything. */
export function namesIn(input: unknown): Named & { readonly requestId: string | undefined } {
  const { model, provider, requestId } = Object(input) as Readonly<Record<string, unknown>>;
  const given = typeof requestId === 'string' ? requestId.slice(0, chatLimits.id) : undefined;
  const name = typeof model === 'string' ? model.slice(0, chatLimits.model) : '';
  if (typeof provider === 'string') {
    return { provider: provider.slice(0, chatLimits.name), model: name, requestId: given };
  }
  const slash = name.indexOf('/');
  return { provider: name.slice(0, Math.max(0, slash)), model: name.slice(slash + 1), requestId: given };
}

type Named = Pick<Target, 'provider' | 'model'>;

function fail(
  error: GatewayError,
  { provider, model }: Named,
  attempts: readonly Attempt[],
  watch: OverheadTimer,
): CallFailure {
  const expense = { cost: undefined, timeToFirstTokenMs: undefined, ...watch.read() };
  return new CallFailure({ error, provider, model, attempts, usage: undefined, ...expense });
}
