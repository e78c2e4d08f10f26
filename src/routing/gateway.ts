import type { Mode, ProviderAdapter } from '../core/adapter.ts';
import { parseChatRequest } from '../core/chat.ts';
import type { Attempt, ChatEvent, Completion, Ending, Provenance, Usage } from '../core/completion.ts';
import { costOf } from '../core/cost.ts';
import { GatewayError } from '../core/errors.ts';
import type { CallOptions, Gateway } from '../core/gateway.ts';
import type { KeyRests } from '../core/key-rests.ts';
import type { Lease, Limits, Need } from '../core/limits.ts';
import type { Model, Provider, ProviderHealth, Route, Target } from '../core/model.ts';
import type { Chance, Clock, Connection, Log, PatienceSettings, Upstream } from '../core/ports.ts';
import type { RequestIds } from '../core/request-ids.ts';
import { isContent } from '../core/stream.ts';
import { checkSize, needOf, withOutputLimit } from './admission.ts';
import { checkAllowed } from './allowed-models.ts';
import { askStream, askWhole, type Line, type StreamAttempt } from './attempt.ts';
import type { RetrySettings } from './backoff.ts';
import { createBill } from './bill.ts';
import type { BreakerSettings } from './breaker.ts';
import { type Call, type Try, toPublicError, toRefusal } from './call.ts';
import { createFailover, type FailedTry } from './failover.ts';
import type { CoolDowns } from './held-key.ts';
import type { FetchImage } from './inline-images.ts';
import { createKeyRing } from './key-ring.ts';
import { createPatience, withDeadline } from './patience.ts';
import { createRetryBudget, type RetryBudgetSettings } from './retry-budget.ts';
import { createDirectory, resolveTargets } from './targets.ts';
import { withCurrentModels } from './unknown-model.ts';

export type GatewayParts = {
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  /** By provider id; only providers that can be asked. */
  readonly connections: ReadonlyMap<string, Connection>;
  /** Which environment variable would hold the key of a provider, for a hint. */
  readonly keyVariable: (provider: string) => string;
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  readonly limits: Limits;
  readonly requestIds: RequestIds;
  readonly rests: KeyRests;
  readonly upstream: Upstream;
  /** For providers that take images only as data. Without it they refuse remote ones. */
  readonly fetchImage?: FetchImage;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly patience: PatienceSettings;
  readonly retries: RetrySettings & { readonly budget: RetryBudgetSettings };
  readonly coolDowns: CoolDowns;
  readonly breaker: BreakerSettings;
  readonly newId: () => string;
  readonly log: Log;
};

export function createGateway(parts: GatewayParts): Gateway {
  const { keyVariable, models, providers, routes, limits, requestIds, clock, chance, retries, newId, log } = parts;
  const directory = createDirectory(models, providers, routes, chance);
  const lines = createLines(parts);
  const patienceWith = createPatience(parts.patience);
  const overTargets = createFailover({ lineTo, patienceWith, retries, clock, chance, fail });

  async function chat(input: unknown, options: CallOptions): Promise<Completion> {
    const call = await begin(input, 'whole', options);
    try {
      return await overTargets(call, 'whole', async (attempt) => {
        const { answer, status } = await askWhole(attempt);
        call.bill.answered(answer);
        record(attempt, status);
        return {
          ...answer,
          id: answer.id ?? newId(),
          provider: attempt.target.provider,
          model: answer.model ?? attempt.target.model,
          created: toDate(answer.created),
          isSandbox: attempt.line.connection.isSandbox,
          ...provenance(attempt, answer, undefined),
        };
      });
    } finally {
      call.release();
    }
  }

  async function stream(input: unknown, options: CallOptions): Promise<AsyncIterable<readonly ChatEvent[]>> {
    const call = await begin(input, 'stream', options);
    try {
      return await overTargets(call, 'stream', async (attempt) => {
        const opened = await askStream(attempt);
        return untilRead(publish(attempt, opened, Math.round(clock.now() - call.startedAt)), call);
      });
    } catch (thrown) {
      call.release();
      throw thrown;
    }
  }

  async function begin(input: unknown, mode: Mode, options: CallOptions): Promise<Call> {
    const { caller, signal: leaving } = options;
    const startedAt = clock.now();
    try {
      const request = parseChatRequest(input);
      checkAllowed(caller, request);
      checkSize(caller, request);
      const targets = withOutputLimit(caller, request, resolveTargets(request, directory));
      const [first] = targets;
      if (!first) throw new Error('A call has at least one target');
      const need = needOf(caller, request, targets, moneyOf);
      const giveBack = request.requestId === undefined ? () => {} : await requestIds.take(caller, request.requestId);
      const lease = await admit({ ...need, isStream: mode === 'stream' }, options).catch((refused) => {
        giveBack(false);
        throw refused;
      });
      const bill = createBill(request, mode, moneyOf);
      const deadline = withDeadline(leaving, clock, patienceWith(first));
      const call: Call = {
        request,
        targets,
        startedAt,
        attempts: [],
        isSpending: false,
        bill,
        deadline,
        signal: deadline.signal,
        release: () => {
          deadline.stop();
          lease.settle(bill.total());
          giveBack(call.isSpending);
        },
      };
      return call;
    } catch (thrown) {
      const refusal = toRefusal(thrown, input);
      reportDefect(refusal.failure.error);
      throw refusal;
    }
  }

  async function admit(need: Need, { caller, onStanding }: CallOptions): Promise<Lease> {
    const admission = await limits.admit(caller, need);
    onStanding?.(admission.standing);
    if ('refusal' in admission) throw admission.refusal;
    return admission.lease;
  }

  function lineTo({ provider }: Target): Line {
    const line = lines.get(provider);
    if (line) return line;
    const message = `This gateway has no key for ${provider}. Set ${keyVariable(provider)} in .env, or choose a provider that is ready.`;
    throw new GatewayError('PROVIDER_NOT_CONFIGURED', message);
  }

  function fail(attempt: FailedTry, thrown: GatewayError): GatewayError {
    const error = withCurrentModels(thrown, attempt.target, models, clock.today());
    reportDefect(error);
    attempt.call.bill.failed(error.code, undefined);
    record(attempt, error.status, error);
    return error;
  }

  /** Turns what an adapter tells into the public stream, and sees to its one last event. */
  async function* publish(
    attempt: Try,
    { batches, status, usage }: StreamAttempt,
    timeToFirstTokenMs: number,
  ): AsyncGenerator<readonly ChatEvent[]> {
    const { call, target, line, turn } = attempt;
    const { provider, model: name } = target;
    try {
      for await (const batch of batches) {
        const events: ChatEvent[] = [];
        for (const event of batch) {
          if (event.type === 'started') {
            const { id = newId(), model = name, created } = event;
            const { isSandbox } = line.connection;
            events.push({ type: 'started', id, provider, model, created: toDate(created), isSandbox });
          } else if (event.type === 'finished') {
            turn.answered();
            call.bill.answered(event);
            record(attempt, status);
            events.push({ ...event, ...provenance(attempt, event, timeToFirstTokenMs) });
          } else if (isContent(event)) {
            call.bill.delivered(event);
            events.push(event);
          }
        }
        if (events.length > 0) yield events;
      }
    } catch (thrown) {
      const error = toPublicError(thrown, call, turn);
      if (error.code !== 'CANCELLED') turn.failed(error);
      call.bill.failed(error.code, usage());
      reportDefect(error);
      record(attempt, status, error);
      yield [{ type: 'failed', error, provider, model: name, attempts: call.attempts, usage: partial(usage()) }];
    } finally {
      call.release();
    }
  }

  function record(
    { call, target, turn, startedAt }: FailedTry,
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
  }

  function provenance(
    { call, target, prepared }: Try,
    { usage }: Ending,
    timeToFirstTokenMs: number | undefined,
  ): Provenance {
    return {
      cost: costOf(usage, target.facts?.pricing),
      warnings: prepared.warnings,
      attempts: call.attempts,
      latencyMs: Math.round(clock.now() - call.startedAt),
      timeToFirstTokenMs,
    };
  }

  function moneyOf({ facts }: Target, usage: Usage): number | undefined {
    return costOf(usage, facts?.pricing)?.total;
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

function createLines(parts: GatewayParts): ReadonlyMap<string, Line> {
  const { adapters, connections, upstream, fetchImage, retries, ...settings } = parts;
  const lines = new Map<string, Line>();
  for (const [provider, connection] of connections) {
    const adapter = adapters.get(provider);
    if (!adapter) continue;
    const keys = createKeyRing({ ...settings, provider, secrets: connection.keys });
    const budget = createRetryBudget(retries.budget, settings.clock);
    lines.set(provider, { adapter, connection, keys, budget, upstream, fetchImage });
  }
  return lines;
}

/** A sequence that nobody begins to read would never come to its `finally`: the end of its call is then its end. */
function untilRead(
  events: AsyncGenerator<readonly ChatEvent[]>,
  { signal, release }: Call,
): AsyncIterable<readonly ChatEvent[]> {
  if (signal.aborted) release();
  else signal.addEventListener('abort', release, { once: true });
  return {
    [Symbol.asyncIterator]() {
      signal.removeEventListener('abort', release);
      return events;
    },
  };
}

/** Tokens that were counted before the stream broke. */
function partial(usage: Usage | undefined): Usage | undefined {
  return usage && { ...usage, isPartial: true };
}
