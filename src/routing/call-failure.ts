import { GatewayError, toGatewayError } from '../core/errors.ts';
import { CallFailure } from '../core/gateway.ts';
import type { Target } from '../core/model.ts';
import type { ProviderKey } from './key-state.ts';
import type { Session } from './session.ts';

/** How requests that failed are described to their callers. */

/** The last failure of each target of a request, in the order in which the targets were tried. */
export type Failures = ReadonlyMap<Target, GatewayError>;

type Named = Pick<Target, 'provider' | 'model'>;
type Failed = Pick<Session, 'attempts' | 'timer'>;

/** The failure of a request in which no target answered: that of its one target, or the sum of all. */
export function toExhausted(session: Failed, failures: Failures): CallFailure {
  const [first, ...others] = failures;
  if (!first) throw new Error('A request without an answer has a failure');
  const [target, error] = first;
  if (others.length === 0) return toCallFailure(session, target, error);
  const errors = [...failures.values()];
  // Where all are at their concurrency limit it is the gateway that is overloaded, and no provider failed.
  if (errors.every(({ code }) => code === 'OVERLOADED')) return toCallFailure(session, target, error);
  const codes = [...failures].map(([{ provider, model }, { code }]) => `${provider}/${model} ${code}`).join(', ');
  const waits = errors.flatMap(({ retryable, retryAfterMs }) => (retryable ? (retryAfterMs ?? []) : []));
  const exhausted = new GatewayError('TARGETS_EXHAUSTED', `All ${failures.size} targets failed: ${codes}.`, {
    cause: new AggregateError(errors),
    retryable: errors.some(({ retryable }) => retryable),
    retryAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
  });
  return toCallFailure(session, target, exhausted);
}

export function toCallFailure(
  { attempts, timer }: Failed,
  { provider, model }: Named,
  error: GatewayError,
): CallFailure {
  const expense = { cost: undefined, timeToFirstTokenMs: undefined, ...timer.read() };
  return new CallFailure({ error, provider, model, attempts, usage: undefined, ...expense });
}

/**
 * An error as callers may see it: without the key that the attempt used, for providers echo keys at times. A request whose
 * client disconnected was cancelled, whatever failed first.
 */
export function toPublicError(
  thrown: unknown,
  { signal }: Pick<Session, 'signal'>,
  key: ProviderKey | undefined,
): GatewayError {
  if (signal.aborted) {
    if (signal.reason instanceof GatewayError) return signal.reason;
    return new GatewayError('CANCELLED', 'The client disconnected before the answer was complete.', { cause: thrown });
  }
  return withoutKey(toGatewayError(thrown), key?.secret?.reveal());
}

/**
 * So many characters identify a key. Providers' keys are much longer; a shorter one, made up for a local server, would be
 * found inside of words.
 */
const minKeyChars = 8;

/** Removes the key wherever it is echoed, also where the message was cut in the middle of it. */
function withoutKey(error: GatewayError, key: string | undefined): GatewayError {
  if (!key || key.length < minKeyChars) return error;
  const start = key.slice(0, minKeyChars);
  let { message } = error;
  for (let from = message.indexOf(start); from !== -1; from = message.indexOf(start, from + 1)) {
    let length = start.length;
    while (length < key.length && message[from + length] === key[length]) length += 1;
    message = `${message.slice(0, from)}[key]${message.slice(from + length)}`;
  }
  return message === error.message ? error : error.withMessage(message);
}
