import type { ProviderAdapter } from '../core/adapter.ts';
import { parseChatRequest } from '../core/chat.ts';
import type { Attempt, ChatEvent, Completion, Ending, Provenance, Warning } from '../core/completion.ts';
import { costOf } from '../core/cost.ts';
import { failureCodes, GatewayError } from '../core/errors.ts';
import type { CallOptions, Gateway } from '../core/gateway.ts';
import type { Model, Provider, Target } from '../core/model.ts';
import type { Clock, Connection, Log, Patience, Upstream } from '../core/ports.ts';
import { isContent } from '../core/stream.ts';
import { checkAllowed } from './allowed-models.ts';
import { askStream, askWhole, type Line, type StreamAttempt } from './attempt.ts';
import { type Call, type Try, toCallFailure, toPublicError, toRefusal } from './call.ts';
import type { FetchImage } from './inline-images.ts';
import { createTryClock, withDeadline } from './patience.ts';
import { createRequestIds } from './request-ids.ts';
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
  readonly upstream: Upstream;
  /** For providers that take images only as data. Without it they refuse remote ones. */
  readonly fetchImage?: FetchImage;
  readonly clock: Clock;
  readonly patience: Patience;
  readonly newId: () => string;
  readonly log: Log;
};

export function createGateway(parts: GatewayParts): Gateway {
  const { adapters, connections, keyVariable, models, providers, upstream, fetchImage, clock, patience, newId, log } =
    parts;
  const directory = createDirectory(models, providers);
  const requestIds = createRequestIds(clock);
  const turns = new Map<string, number>();

  async function chat(input: unknown, options: CallOptions): Promise<Completion> {
    const call = begin(input, options);
    try {
      return await overTargets(call, async (attempt) => {
        const { answer, warnings, status } = await askWhole(attempt);
        record(attempt, status);
        return {
          ...answer,
          id: answer.id ?? newId(),
          provider: attempt.target.provider,
          model: answer.model ?? attempt.target.model,
          created: toDate(answer.created),
          isSandbox: attempt.line.connection.isSandbox,
          ...provenance(attempt, answer, warnings, undefined),
        };
      });
    } finally {
      call.release();
    }
  }

  async function stream(input: unknown, options: CallOptions): Promise<AsyncIterable<readonly ChatEvent[]>> {
    const call = begin(input, options);
    try {
      return await overTargets(call, async (attempt) => {
        const opened = await askStream(attempt);
        return publish(attempt, opened, Math.round(clock.now() - call.startedAt));
      });
    } catch (thrown) {
      call.release();
      throw thrown;
    }
  }

  function begin(input: unknown, { caller, signal: leaving }: CallOptions): Call {
    const startedAt = clock.now();
    try {
      const request = parseChatRequest(input);
      const targets = resolveTargets(request, directory);
      checkAllowed(caller, request);
      const giveBack = request.requestId === undefined ? () => {} : requestIds.take(caller, request.requestId);
      const { signal, stop } = withDeadline(leaving, clock, patience);
      const release = () => {
        stop();
        giveBack();
      };
      return { request, targets, startedAt, attempts: [], signal, release };
    } catch (thrown) {
      const refusal = toRefusal(thrown, input);
      reportDefect(refusal.failure.error);
      throw refusal;
    }
  }

  /** Asks one target after the other until one answers. What happens before the first content decides. */
  async function overTargets<T>(call: Call, ask: (attempt: Try) => Promise<T>): Promise<T> {
    for (const [index, target] of call.targets.entries()) {
      const startedAt = clock.now();
      let key: string | undefined;
      try {
        const line = lineTo(target);
        key = nextKey(target.provider, line.connection);
        const tryClock = createTryClock(target.provider, call.signal, clock, patience);
        return await ask({ call, target, line, key, startedAt, clock: tryClock });
      } catch (thrown) {
        const error = withCurrentModels(toPublicError(thrown, call, key), target, models, clock.today());
        reportDefect(error);
        record({ call, target, startedAt }, error.status, error);
        const isLast = index === call.targets.length - 1 || call.signal.aborted;
        if (isLast || !failureCodes[error.code].failover) throw toCallFailure(call, target, error);
      }
    }
    throw new Error('A call has at least one target');
  }

  function lineTo({ provider }: Target): Line {
    const adapter = adapters.get(provider);
    const connection = connections.get(provider);
    if (adapter && connection) return { adapter, connection, upstream, fetchImage };
    const message = `This gateway has no key for ${provider}. Set ${keyVariable(provider)} in .env, or choose a provider that is ready.`;
    throw new GatewayError('PROVIDER_NOT_CONFIGURED', message);
  }

  function nextKey(provider: string, { keys }: Connection): string | undefined {
    const turn = turns.get(provider) ?? 0;
    turns.set(provider, turn + 1);
    return keys[turn % keys.length]?.reveal();
  }

  /** Turns what an adapter tells into the public stream, and sees to its one last event. */
  async function* publish(
    attempt: Try,
    { batches, warnings, status, usage }: StreamAttempt,
    timeToFirstTokenMs: number,
  ): AsyncGenerator<readonly ChatEvent[]> {
    const { call, target, line, key } = attempt;
    const { provider } = target;
    try {
      for await (const batch of batches) {
        const events: ChatEvent[] = [];
        for (const event of batch) {
          if (event.type === 'started') {
            const { id = newId(), model = target.model, created } = event;
            const { isSandbox } = line.connection;
            events.push({ type: 'started', id, provider, model, created: toDate(created), isSandbox });
          } else if (event.type === 'finished') {
            record(attempt, status);
            events.push({ ...event, ...provenance(attempt, event, warnings, timeToFirstTokenMs) });
          } else if (isContent(event)) {
            events.push(event);
          }
        }
        if (events.length > 0) yield events;
      }
    } catch (thrown) {
      const error = toPublicError(thrown, call, key);
      reportDefect(error);
      record(attempt, status, error);
      yield [{ type: 'failed', error, provider, model: target.model, attempts: call.attempts, usage: usage() }];
    } finally {
      call.release();
    }
  }

  function record(
    { call, target, startedAt }: Pick<Try, 'call' | 'target' | 'startedAt'>,
    status: number | undefined,
    error?: GatewayError,
  ): void {
    const { provider, model } = target;
    const attempt: Attempt = {
      provider,
      model,
      code: error?.code,
      status,
      durationMs: Math.round(clock.now() - startedAt),
    };
    call.attempts.push(attempt);
  }

  function provenance(
    { call, target }: Try,
    { usage }: Ending,
    warnings: readonly Warning[],
    timeToFirstTokenMs: number | undefined,
  ): Provenance {
    return {
      cost: costOf(usage, target.facts?.pricing),
      warnings,
      attempts: call.attempts,
      latencyMs: Math.round(clock.now() - call.startedAt),
      timeToFirstTokenMs,
    };
  }

  function toDate(unixSeconds: number | undefined): Date {
    return unixSeconds === undefined ? clock.today() : new Date(unixSeconds * 1000);
  }

  function reportDefect(error: GatewayError): void {
    if (error.code === 'INTERNAL') log.error({ err: error.cause }, 'A call failed for a defect of the gateway');
  }

  return { models, providers, chat, stream };
}
