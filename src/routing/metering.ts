import type { Attempt, Cost, Failure, Provenance, Usage, Warning } from '../core/completion.ts';
import type { PriceList } from '../core/cost.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Model, Target } from '../core/model.ts';
import type { CallOutcome, ResponseFacts } from '../core/observer.ts';
import type { OperationAnswer, OperationRequest } from '../core/operation.ts';
import type { Clock, Log } from '../core/ports.ts';
import { sumCost, sumUsage } from '../core/sum-usage.ts';
import type { AttemptContext } from './attempt.ts';
import type { FailedAttempt } from './failover.ts';
import { withModelSuggestions } from './model-suggestions.ts';
import type { Spent } from './settle-output.ts';

/**
 * Records how attempts end: charges the meter, writes the list of attempts and ends the session where the request ends with
 * the attempt.
 */
export type Metering = {
  /** `serviceTier`: the one that answered, which may have prices of its own. */
  costOf(target: Target, usage: Usage | undefined, answer?: Pick<OperationAnswer, 'serviceTier'>): Cost | undefined;
  /** An attempt failed before its first content; the request may go on. Returns the failure as callers see it. */
  attemptFailed(attempt: FailedAttempt, error: GatewayError): GatewayError;
  /** The answer is complete, and the request with it. */
  succeeded<Request extends OperationRequest, Answer extends OperationAnswer>(
    attempt: AttemptContext<Request, Answer>,
    answer: OperationAnswer & Partial<Answer>,
    parts: {
      readonly status: number;
      readonly warnings: readonly Warning[];
      readonly firstTokenMs: number | undefined;
      readonly response: ResponseFacts;
      /** What earlier attempts have used whose answers were not accepted. */
      readonly earlier?: readonly Spent[];
    },
  ): Provenance & { readonly usage: Usage | undefined };
  /** An answer is complete and does not follow its schema. The request may go on. */
  outputInvalid<Request extends OperationRequest, Answer extends OperationAnswer>(
    attempt: AttemptContext<Request, Answer>,
    error: GatewayError,
    answer: OperationAnswer & { readonly status: number },
  ): Spent;
  /** The request ends with a failure, after attempts that used tokens. */
  endWith<Request extends OperationRequest, Answer extends OperationAnswer>(
    attempt: AttemptContext<Request, Answer>,
    error: GatewayError,
    spent: readonly Spent[],
  ): Failure;
  /** A stream broke after its first content, and the request with it. */
  streamBroke<Request extends OperationRequest, Answer extends OperationAnswer>(
    attempt: AttemptContext<Request, Answer>,
    error: GatewayError,
    parts: { readonly status: number; readonly firstTokenMs: number; readonly usage: Usage | undefined },
  ): Failure;
};

export type MeteringParts = {
  readonly prices: PriceList;
  readonly models: readonly Model[];
  readonly clock: Clock;
  readonly log: Log;
};

export function createMetering({ prices, models, clock, log }: MeteringParts): Metering {
  function costOf(
    { provider, model }: Target,
    usage: Usage | undefined,
    { serviceTier }: Pick<OperationAnswer, 'serviceTier'> = {},
  ): Cost | undefined {
    return usage && prices.costOf(provider, model, usage, serviceTier);
  }

  function record(
    { session, target, lease, observed, startedAt }: FailedAttempt,
    status: number | undefined,
    error?: GatewayError,
    response?: ResponseFacts,
  ): void {
    const { provider, model } = target;
    const attempt: Attempt = {
      provider,
      model,
      key: lease?.key.name,
      code: error?.code,
      status,
      durationMs: Math.round(clock.now() - startedAt),
    };
    session.recordAttempt(attempt);
    (observed ?? session.observed.attempt(target)).ended(attempt, response);
  }

  return {
    costOf,
    attemptFailed(attempt, thrown) {
      const error = withModelSuggestions(thrown, attempt.target, models, clock.date());
      logDefect(log, error);
      attempt.session.meter.onFailure(error.code, undefined);
      record(attempt, error.status, error);
      return error;
    },
    succeeded(attempt, answer, { status, warnings: before, firstTokenMs, response, earlier = [] }) {
      const { reportedCost, warnings = [] } = answer;
      const { session, target } = attempt;
      const { provider, model } = target;
      const { attempts } = session;
      const cost = reportedCost ?? costOf(target, answer.usage, answer);
      session.meter.onSuccess(answer, cost?.total);
      record(attempt, status, undefined, response);
      const all = { usage: answer.usage, cost };
      const { usage, cost: total } = earlier.length === 0 ? all : sumSpent([...earlier, all]);
      const expense = { cost: total, timeToFirstTokenMs: firstTokenMs, ...session.timer.read() };
      session.finish({ provider, model, code: undefined, attempts, usage, response, ...expense });
      return { warnings: [...before, ...warnings], attempts, usage, ...expense };
    },
    outputInvalid(attempt, error, answer) {
      const { usage, reportedCost, status } = answer;
      attempt.session.meter.onFailure(error.code, usage);
      record(attempt, status, error);
      return { usage, cost: reportedCost ?? costOf(attempt.target, usage, answer) };
    },
    endWith({ session, target: { provider, model } }, error, spent) {
      const { usage, cost } = sumSpent(spent);
      const expense = { cost, timeToFirstTokenMs: undefined, ...session.timer.read() };
      const failure: Failure = { error, provider, model, attempts: session.attempts, usage, ...expense };
      session.finish(toOutcome(failure));
      return failure;
    },
    streamBroke(attempt, error, { status, firstTokenMs, usage }) {
      const { session, target } = attempt;
      const { provider, model } = target;
      logDefect(log, error);
      session.meter.onFailure(error.code, usage);
      record(attempt, status, error);
      const expense = { cost: costOf(target, usage), timeToFirstTokenMs: firstTokenMs, ...session.timer.read() };
      const failure: Failure = { error, provider, model, attempts: session.attempts, usage, ...expense };
      session.finish(toOutcome(failure));
      return failure;
    },
  };
}

function sumSpent(spent: readonly Spent[]): Spent {
  return { usage: sumUsage(spent.map(({ usage }) => usage)), cost: sumCost(spent.map(({ cost }) => cost)) };
}

/** Callers see nothing of a defect; the log has all of it. */
export function logDefect(log: Log, error: GatewayError): void {
  if (error.code === 'INTERNAL') log.error({ err: error.cause }, 'request failed: defect of the gateway');
}

export function toOutcome({ error, ...failure }: Failure): CallOutcome {
  return { ...failure, code: error.code };
}
