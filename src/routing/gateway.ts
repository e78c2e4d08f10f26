import type { Mode } from '../core/adapter.ts';
import { parseChatRequest } from '../core/chat.ts';
import type {
  Attempt,
  ChatEvent,
  Completion,
  Cost,
  Ending,
  Failure,
  Provenance,
  Usage,
  Warning,
} from '../core/completion.ts';
import type { PriceList } from '../core/cost.ts';
import { GatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions, type Gateway } from '../core/gateway.ts';
import type { GiveBack, RequestIds } from '../core/idempotency.ts';
import type { Lease, Limits, Need } from '../core/limits.ts';
import type { Model, Provider, ProviderHealth, Route, Target } from '../core/model.ts';
import type { CallOutcome, Observer } from '../core/observer.ts';
import type { Source } from '../core/poll-stream.ts';
import type { PatienceSettings } from '../core/ports.ts';
import { checkSize, needOf, withOutputLimit } from './admission.ts';
import { checkAllowed } from './allowed-models.ts';
import { askStream, askWhole, type Line } from './attempt.ts';
import { type Call, namesIn, type Try, toRefusal } from './call.ts';
import { createPublish } from './chat-events.ts';
import type { Capacity, OpenCalls, Place } from './concurrency.ts';
import { createFailover, type FailedTry } from './failover.ts';
import { withCurrentModels } from './model-suggestions.ts';
import { createStopwatch } from './overhead-timer.ts';
import { createLines, type LineParts } from './provider-clients.ts';
import { createDirectory, resolveTargets } from './targets.ts';
import { createPatience, withDeadline } from './timeouts.ts';
import { createBill } from './usage-meter.ts';

export type GatewayParts = LineParts & {
  /** Which environment variable would hold the key of a provider, for a hint. */
  readonly keyVariable: (provider: string) => string;
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  readonly prices: PriceList;
  readonly limits: Limits;
  readonly requestIds: RequestIds;
  readonly openCalls: OpenCalls;
  readonly capacity: Capacity;
  readonly observer: Observer;
  readonly patience: PatienceSettings;
  readonly newId: () => string;
};

export function createGateway(parts: GatewayParts): Gateway {
  const { keyVariable, models, providers, routes, prices, limits, requestIds, openCalls, capacity, observer } = parts;
  const { clock, chance, retries, newId, log } = parts;
  const directory = createDirectory(models, providers, routes, chance);
  const lines = createLines(parts);
  const patienceWith = createPatience(parts.patience);
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

  async function stream(input: unknown, options: CallOptions): Promise<Source<ChatEvent>> {
    const call = await begin(input, 'stream', options);
    try {
      return await overTargets(call, 'stream', async (attempt) => {
        const opened = await askStream(attempt);
        call.observed.streams();
        return publish(attempt, opened);
      });
    } catch (thrown) {
      throw ended(call, thrown);
    }
  }

  async function begin(input: unknown, mode: Mode, options: CallOptions): Promise<Call> {
    const { caller, signal: leaving, origin } = options;
    const watch = createStopwatch(clock);
    const { requestId = newId(), ...asked } = namesIn(input);
    const observed = observer.begins({ ...origin, mode, caller: caller.id, requestId, ...asked });
    let place: Place | undefined;
    try {
      place = openCalls.enter(capacity);
      const request = parseChatRequest(input);
      checkAllowed(caller, request);
      checkSize(caller, request);
      const targets = withOutputLimit(caller, request, resolveTargets(request, directory));
      const [first] = targets;
      if (!first) throw new Error('A call has at least one target');
      const need = needOf(caller, request, targets, moneyOf);
      const giveBack = request.requestId === undefined ? () => {} : await requestIds.take(caller, request.requestId);
      const lease = await admit({ ...need, isStream: mode === 'stream' }, options, giveBack);
      const bill = createBill(request, mode, moneyOf);
      const deadline = withDeadline(leaving, clock, patienceWith(first));
      place.onCut(deadline.end);
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
          place?.leave();
          call.leaveProvider();
          deadline.stop();
          lease.settle(bill.total());
          giveBack(bill.isSpent());
        },
      };
      return call;
    } catch (thrown) {
      place?.leave();
      const refusal = toRefusal(thrown, asked, watch);
      reportDefect(refusal.failure.error);
      observed.ended(toOutcome(refusal.failure));
      throw refusal;
    }
  }

  async function admit(need: Need, { caller, onStanding }: CallOptions, giveBack: GiveBack): Promise<Lease> {
    try {
      const admission = await limits.admit(caller, need);
      onStanding?.(admission.standing);
      if ('refusal' in admission) throw admission.refusal;
      return admission.lease;
    } catch (thrown) {
      giveBack(false);
      throw thrown;
    }
  }

  function lineTo({ provider }: Target): Line {
    const line = lines.get(provider);
    if (line) return line;
    const message = `This gateway has no key for ${provider}. Set ${keyVariable(provider)} in .env, or choose a provider that is ready.`;
    throw new GatewayError('PROVIDER_NOT_CONFIGURED', message);
  }

  function occupy({ provider }: Target): () => void {
    return openCalls.occupy(provider, capacity);
  }

  function fail(attempt: FailedTry, thrown: GatewayError): GatewayError {
    const error = withCurrentModels(thrown, attempt.target, models, clock.today());
    reportDefect(error);
    attempt.call.bill.failed(error.code, undefined);
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
    (observed ?? call.observed.tries(target)).ended(attempt);
  }

  /** How a call ends that was answered. */
  function answered(
    attempt: Try,
    ending: Ending,
    status: number,
    before: readonly Warning[],
    timeToFirstTokenMs: number | undefined,
  ): Provenance {
    const { usage, charged, warnings = [] } = ending;
    const { call, target } = attempt;
    const { provider, model } = target;
    const { attempts } = call;
    const cost = costOf(target, usage);
    call.bill.answered(ending, cost?.total);
    record(attempt, status);
    const expense = { cost: charged ?? cost, timeToFirstTokenMs, ...call.watch.read() };
    end(call, { provider, model, code: undefined, attempts, usage, ...expense });
    return { warnings: [...before, ...warnings], attempts, ...expense };
  }

  /** How a stream ends that broke off. */
  function broke(
    attempt: Try,
    error: GatewayError,
    status: number,
    timeToFirstTokenMs: number,
    usage: Usage | undefined,
  ): Failure {
    const { call, target } = attempt;
    const { provider, model } = target;
    reportDefect(error);
    call.bill.failed(error.code, usage);
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
    return unixSeconds === undefined ? clock.today() : new Date(unixSeconds * 1000);
  }

  function reportDefect(error: GatewayError): void {
    if (error.code === 'INTERNAL') log.error({ err: error.cause }, 'A call failed for a defect of the gateway');
  }

  function health({ id, access }: Provider): ProviderHealth {
    const line = lines.get(id);
    if (access === 'real' && line) return line.keys.health();
    return { status: access === 'sandbox' ? 'sandbox' : 'missing_key', until: undefined, keys: [] };
  }

  return { models, providers, routes, health, chat, stream };
}

function toOutcome({ error, ...failure }: Failure): CallOutcome {
  return { ...failure, code: error.code };
}
