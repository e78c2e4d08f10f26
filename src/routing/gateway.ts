import type { Mode } from '../core/adapter.ts';
import { parseChatRequest } from '../core/chat.ts';
import type {
  Attempt,
  ChatEvent,
  Completion,
  CompletionEnd,
  Cost,
  Failure,
  Provenance,
  Usage,
  Warning,
} from '../core/completion.ts';
import type { PriceList } from '../core/cost.ts';
import { GatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions, type Gateway } from '../core/gateway.ts';
import type { IdempotencyStore, Release } from '../core/idempotency.ts';
import type { Lease, Limits, Reservation } from '../core/limits.ts';
import type { Model, Provider, ProviderHealth, Route, Target } from '../core/model.ts';
import type { CallOutcome, Observer } from '../core/observer.ts';
import type { PollStream } from '../core/poll-stream.ts';
import type { TimeoutSettings } from '../core/ports.ts';
import { checkSize, reservationFor, withOutputLimit } from './admission.ts';
import { checkAllowed } from './allowed-models.ts';
import { askStream, askWhole, type ProviderClient } from './attempt.ts';
import { type AttemptContext, type Call, namesIn, toRefusal } from './call.ts';
import { createPublish } from './chat-events.ts';
import type { Bulkhead, ConcurrencyLimits, Permit } from './concurrency.ts';
import { createFailover, type FailedTry } from './failover.ts';
import { withModelSuggestions } from './model-suggestions.ts';
import { createOverheadTimer } from './overhead-timer.ts';
import { createProviderClients, type ProviderClientParts } from './provider-clients.ts';
import { createDirectory, resolveTargets } from './targets.ts';
import { createTimeoutResolver, withDeadline } from './timeouts.ts';
import { createUsageMeter } from './usage-meter.ts';

export type GatewayParts = ProviderClientParts & {
  /** Which environment variable would hold the key of a provider, for a hint. */
  readonly keyVariable: (provider: string) => string;
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  readonly prices: PriceList;
  readonly limits: Limits;
  readonly idempotency: IdempotencyStore;
  readonly bulkhead: Bulkhead;
  readonly concurrency: ConcurrencyLimits;
  readonly observer: Observer;
  readonly timeouts: TimeoutSettings;
  readonly newId: () => string;
};

export function createGateway(parts: GatewayParts): Gateway {
  const { keyVariable, models, providers, routes, prices, limits, idempotency, bulkhead, concurrency, observer } =
    parts;
  const { clock, chance, retries, newId, log } = parts;
  const directory = createDirectory(models, providers, routes, chance);
  const lines = createProviderClients(parts);
  const patienceWith = createTimeoutResolver(parts.timeouts);
  const overTargets = createFailover({ lineTo, occupy, patienceWith, retries, clock, chance, fail });
  const publish = createPublish({ newId, toDate, answered, broke });

  async function chat(input: unknown, options: CallOptions): Promise<Completion> {
    const call = await begin(input, 'whole', options);
    try {
      return await overTargets(call, 'whole', async (attempt) => {
        const { answer, status, warnings } = await askWhole(attempt);
        return {
          ...answer,
          id: answer.id ?? newId(),
          provider: attempt.target.provider,
          model: answer.model ?? attempt.target.model,
          created: toDate(answer.created),
          isSandbox: attempt.line.connection.isSandbox,
          ...answered(attempt, answer, status, warnings, undefined),
        };
      });
    } catch (thrown) {
      throw ended(call, thrown);
    }
  }

  async function stream(input: unknown, options: CallOptions): Promise<PollStream<ChatEvent>> {
    const call = await begin(input, 'stream', options);
    try {
      return await overTargets(call, 'stream', async (attempt) => {
        const opened = await askStream(attempt);
        call.observed.firstContent();
        return publish(attempt, opened);
      });
    } catch (thrown) {
      throw ended(call, thrown);
    }
  }

  async function begin(input: unknown, mode: Mode, options: CallOptions): Promise<Call> {
    const { caller, signal: leaving, origin } = options;
    const watch = createOverheadTimer(clock);
    const { requestId = newId(), ...asked } = namesIn(input);
    const observed = observer.begin({ ...origin, mode, caller: caller.id, requestId, ...asked });
    let place: Permit | undefined;
    try {
      place = bulkhead.acquire(concurrency);
      const request = parseChatRequest(input);
      checkAllowed(caller, request);
      checkSize(caller, request);
      const targets = withOutputLimit(caller, request, resolveTargets(request, directory));
      const [first] = targets;
      if (!first) throw new Error('A call has at least one target');
      const need = reservationFor(caller, request, targets, moneyOf);
      const giveBack = request.requestId === undefined ? () => {} : await idempotency.claim(caller, request.requestId);
      const lease = await admit({ ...need, isStream: mode === 'stream' }, options, giveBack);
      const bill = createUsageMeter(request, mode, moneyOf);
      const deadline = withDeadline(leaving, clock, patienceWith(first));
      place.onAbort(deadline.abort);
      const call: Call = {
        request,
        targets,
        watch,
        observed,
        attempts: [],
        leaveProvider: () => {},
        bill,
        deadline,
        signal: deadline.signal,
        release: () => {
          place?.release();
          call.leaveProvider();
          deadline.stop();
          lease.settle(bill.total());
          giveBack(bill.wasCharged());
        },
      };
      return call;
    } catch (thrown) {
      place?.release();
      const refusal = toRefusal(thrown, asked, watch);
      reportDefect(refusal.failure.error);
      observed.ended(toOutcome(refusal.failure));
      throw refusal;
    }
  }

  async function admit(
    need: Reservation,
    { caller, onRateLimitStatus }: CallOptions,
    giveBack: Release,
  ): Promise<Lease> {
    try {
      const admission = await limits.admit(caller, need);
      onRateLimitStatus?.(admission.status);
      if ('refusal' in admission) throw admission.refusal;
      return admission.lease;
    } catch (thrown) {
      giveBack(false);
      throw thrown;
    }
  }

  function lineTo({ provider }: Target): ProviderClient {
    const line = lines.get(provider);
    if (line) return line;
    const message = `This gateway has no key for ${provider}. Set ${keyVariable(provider)} in .env, or choose a provider that is ready.`;
    throw new GatewayError('PROVIDER_NOT_CONFIGURED', message);
  }

  function occupy({ provider }: Target): () => void {
    return bulkhead.acquireProvider(provider, concurrency);
  }

  function fail(attempt: FailedTry, thrown: GatewayError): GatewayError {
    const error = withModelSuggestions(thrown, attempt.target, models, clock.date());
    reportDefect(error);
    attempt.call.bill.onFailure(error.code, undefined);
    record(attempt, error.status, error);
    return error;
  }

  function record(
    { call, target, turn, observed, startedAt }: FailedTry,
    status: number | undefined,
    error?: GatewayError,
  ): void {
    const { provider, model } = target;
    const attempt: Attempt = {
      provider,
      model,
      key: turn?.key.name,
      code: error?.code,
      status,
      durationMs: Math.round(clock.now() - startedAt),
    };
    call.attempts.push(attempt);
    (observed ?? call.observed.attempt(target)).ended(attempt);
  }

  /** How a call ends that was answered. */
  function answered(
    attempt: AttemptContext,
    ending: CompletionEnd,
    status: number,
    before: readonly Warning[],
    timeToFirstTokenMs: number | undefined,
  ): Provenance {
    const { usage, reportedCost, warnings = [] } = ending;
    const { call, target } = attempt;
    const { provider, model } = target;
    const { attempts } = call;
    const cost = costOf(target, usage);
    call.bill.onSuccess(ending, cost?.total);
    record(attempt, status);
    const expense = { cost: reportedCost ?? cost, timeToFirstTokenMs, ...call.watch.read() };
    end(call, { provider, model, code: undefined, attempts, usage, ...expense });
    return { warnings: [...before, ...warnings], attempts, ...expense };
  }

  /** How a stream ends that broke off. */
  function broke(
    attempt: AttemptContext,
    error: GatewayError,
    status: number,
    timeToFirstTokenMs: number,
    usage: Usage | undefined,
  ): Failure {
    const { call, target } = attempt;
    const { provider, model } = target;
    reportDefect(error);
    call.bill.onFailure(error.code, usage);
    record(attempt, status, error);
    const expense = { cost: costOf(target, usage), timeToFirstTokenMs, ...call.watch.read() };
    const failure: Failure = { error, provider, model, attempts: call.attempts, usage, ...expense };
    end(call, toOutcome(failure));
    return failure;
  }

  /** How a call ends that no target answered. */
  function ended(call: Call, thrown: unknown): unknown {
    const failure =
      thrown instanceof CallFailure ? thrown.failure : toRefusal(thrown, namesIn(call.request), call.watch).failure;
    end(call, toOutcome(failure));
    return thrown;
  }

  /** Each call comes here once, by one of the three ways above. */
  function end(call: Call, outcome: CallOutcome): void {
    call.release();
    call.observed.ended(outcome);
  }

  function costOf({ provider, model }: Target, usage: Usage | undefined): Cost | undefined {
    return usage && prices.costOf(provider, model, usage);
  }

  function moneyOf(target: Target, usage: Usage): number | undefined {
    return costOf(target, usage)?.total;
  }

  function toDate(unixSeconds: number | undefined): Date {
    return unixSeconds === undefined ? clock.date() : new Date(unixSeconds * 1000);
  }

  function reportDefect(error: GatewayError): void {
    if (error.code === 'INTERNAL') log.error({ err: error.cause }, 'A call failed for a defect of the gateway');
  }

  function health({ id, access }: Provider): ProviderHealth {
    const line = lines.get(id);
    if (access === 'real' && line) return line.keys.health();
    return { status: access === 'sandbox' ? 'sandbox' : 'missing_key', availableAt: undefined, keys: [] };
  }

  return { models, providers, routes, health, chat, stream };
}

function toOutcome({ error, ...failure }: Failure): CallOutcome {
  return { ...failure, code: error.code };
}
