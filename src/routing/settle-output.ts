import type { ChatRequest } from '../core/chat.ts';
import type { Cost, ProviderCompletion, Usage } from '../core/completion.ts';
import { CallFailure } from '../core/gateway.ts';
import type { Clock } from '../core/ports.ts';
import { expectedOutput } from '../core/structured-output.ts';
import { type AttemptContext, fetchWhole, prepare, type WholeAnswer } from './attempt.ts';
import { toPublicError } from './call-failure.ts';
import type { Metering } from './metering.ts';
import { type CheckOutput, repairsOf, withIssues } from './output-check.ts';

type ChatAttempt = AttemptContext<ChatRequest, ProviderCompletion>;
type Answer = Pick<ProviderCompletion, 'text' | 'finishReason' | 'refusal' | 'usage'> & Partial<ProviderCompletion>;
type Given<T> = Omit<WholeAnswer<ProviderCompletion>, 'answer'> & { readonly answer: T };

/** What attempts before the last one have used. */
export type Spent = { readonly usage: Usage | undefined; readonly cost: Cost | undefined };

/** An answer whose JSON was checked, and the attempt that it came from. */
export type Settled<T> = Given<T | ProviderCompletion> & {
  readonly attempt: ChatAttempt;
  readonly earlier: readonly Spent[];
};

export type SettleParts = Pick<Metering, 'outputInvalid' | 'attemptFailed' | 'endWith'> & {
  readonly checkOutput: CheckOutput;
  readonly clock: Clock;
};

/**
 * Checks the JSON of an answer, and asks the same target again with what is wrong, as often as the request allows. Throws a
 * CallFailure with OUTPUT_INVALID for an answer that stays wrong: the provider did its work, so no other target is tried.
 */
export function createSettleOutput({ checkOutput, clock, outputInvalid, attemptFailed, endWith }: SettleParts) {
  return async function settleOutput<T extends Answer>(first: ChatAttempt, given: Given<T>): Promise<Settled<T>> {
    const { session, target, client, lease } = first;
    const expected = expectedOutput(session.request);
    const earlier: Spent[] = [];
    let attempt = first;
    let { request } = session;
    let current: Given<T | ProviderCompletion> = given;
    if (!expected) return { ...current, attempt, earlier };
    for (let left = repairsOf(request); ; left--) {
      try {
        const checked = await checkOutput(expected, current.answer, session.caller.id);
        return { ...current, answer: { ...current.answer, ...checked }, attempt, earlier };
      } catch (thrown) {
        const error = toPublicError(thrown, session, lease.key);
        if (error.code !== 'OUTPUT_INVALID') throw thrown;
        earlier.push(outputInvalid(attempt, error, { ...current.answer, status: current.status }));
        if (left === 0) throw new CallFailure(endWith(attempt, error, earlier));
        request = withIssues(request, current.answer.text, error);
      }
      attempt = await again(attempt, request);
      try {
        current = await fetchWhole(attempt);
      } catch (thrown) {
        const error = attemptFailed(attempt, toPublicError(thrown, session, lease.key));
        throw new CallFailure(endWith(attempt, error, earlier));
      }
    }

    async function again(before: ChatAttempt, corrected: ChatRequest): Promise<ChatAttempt> {
      const { operation, timer, signal } = session;
      const asked = { operation, timer, signal, mode: 'whole', request: corrected } as const;
      const prepared = await prepare(asked, target, client);
      return { ...before, prepared, observed: session.observed.attempt(target), startedAt: clock.now() };
    }
  };
}
