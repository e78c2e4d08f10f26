import type { Mode } from '../core/adapter.ts';
import { toInvalidRequest } from '../core/chat.ts';
import type { ChatEvent, Completion } from '../core/completion.ts';
import type { PriceList } from '../core/cost.ts';
import type { EmbeddingModel } from '../core/embed.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions, type Gateway, withoutCall } from '../core/gateway.ts';
import type { IdempotencyStore } from '../core/idempotency.ts';
import { type CallControl, fromCursor, type ResumeSettings, type StreamKeeper } from '../core/kept-streams.ts';
import type { Limits } from '../core/limits.ts';
import type { Model, Provider, ProviderHealth, Route, Target } from '../core/model.ts';
import type { Observer } from '../core/observer.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../core/operation.ts';
import type { PollStream } from '../core/poll-stream.ts';
import type { TimeoutSettings } from '../core/ports.ts';
import type { OutputValidator } from '../core/structured-output.ts';
import type { AttemptContext, ProviderClient } from './attempt.ts';
import { toCallFailure } from './call-failure.ts';
import { createEmitCompletion, createEmitEvents } from './chat-events.ts';
import { chatOperation } from './chat-operation.ts';
import type { Bulkhead, ConcurrencyLimits } from './concurrency.ts';
import { countOperation, createCountTokens, createEmitCount } from './count-tokens.ts';
import { requestedPolicy } from './disconnect-policy.ts';
import { createEmbed, createEmitEmbeddings } from './embed.ts';
import { embedOperation } from './embed-operation.ts';
import { createFailover } from './failover.ts';
import { createMetering, logDefect, toOutcome } from './metering.ts';
import { type ModelNames, withModelIds } from './model-names.ts';
import { createOutputCheck } from './output-check.ts';
import { createOverheadTimer } from './overhead-timer.ts';
import { runStages, type Stage } from './pipeline.ts';
import { createProviderClients, type ProviderClientParts } from './provider-clients.ts';
import { requestedTarget } from './requested-target.ts';
import { Session, type SessionOptions } from './session.ts';
import { createSettleOutput } from './settle-output.ts';
import { admit, authorize, limitConcurrency, resolve, validate } from './stages.ts';
import { createDirectory } from './targets.ts';
import { createTimeoutResolver } from './timeouts.ts';

export type GatewayParts = ProviderClientParts & {
  /** The environment variable that would hold a provider's key, for a hint. */
  readonly keyVariable: (provider: string) => string;
  readonly models: readonly Model[];
  /** Default: none. */
  readonly embeddingModels?: readonly EmbeddingModel[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  /** Default: none. */
  readonly modelNames?: ModelNames;
  readonly prices: PriceList;
  readonly limits: Limits;
  readonly idempotency: IdempotencyStore;
  readonly bulkhead: Bulkhead;
  readonly concurrency: ConcurrencyLimits;
  readonly observer: Observer;
  readonly timeouts: TimeoutSettings;
  /** Whether a URL in a request may be passed on to a provider. */
  readonly isPublicUrl: (url: string) => boolean;
  readonly outputValidator: OutputValidator;
  readonly newId: () => string;
  readonly keeper: StreamKeeper;
  readonly resume: ResumeSettings;
};

/** Puts the pipeline together: stages for what every operation needs, then attempts over targets, then the public answer. */
export function createGateway(parts: GatewayParts): Gateway {
  const { keyVariable, models, providers, routes, prices, limits, idempotency, bulkhead, concurrency, observer } =
    parts;
  const { clock, random, retries, newId, log, keeper } = parts;
  const directory = createDirectory(models, providers, routes, random, parts.modelNames);
  const clients = createProviderClients(parts);
  const timeoutsFor = createTimeoutResolver(parts.timeouts);
  const metering = createMetering({ prices, models, clock, log });
  const stages: readonly Stage[] = [
    limitConcurrency(bulkhead, concurrency),
    validate,
    authorize(parts.isPublicUrl),
    resolve(directory),
    admit({
      idempotency,
      limits,
      clock,
      timeoutsFor,
      costOf: (target, usage) => metering.costOf(target, usage)?.total,
    }),
  ];
  const overTargets = createFailover({
    clientFor,
    acquireProvider: ({ provider }) => bulkhead.acquireProvider(provider, concurrency),
    timeoutsFor,
    retries,
    clock,
    random,
    attemptFailed: metering.attemptFailed,
  });
  const settleOutput = createSettleOutput({
    ...metering,
    clock,
    checkOutput: createOutputCheck(parts.outputValidator),
  });
  const emit = { ...metering, newId, toDate, settleOutput };
  const emitCompletion = createEmitCompletion(emit);
  const emitEvents = createEmitEvents(emit);
  const emitEmbeddings = createEmitEmbeddings(emit);
  const emitCount = createEmitCount(metering);

  function chat(input: unknown, options: CallOptions): Promise<Completion> {
    return run(chatOperation, 'whole', input, options, emitCompletion);
  }

  async function stream(input: unknown, options: CallOptions): Promise<PollStream<ChatEvent>> {
    if (options.lastEventId !== undefined) return resumeAt(options.lastEventId, options);
    const policy = requestedPolicy(input);
    if (policy === 'stop') return run(chatOperation, 'stream', input, options, emitEvents);
    const { caller, signal, callId } = options;
    const { provider, model, requestId } = requestedTarget(withModelIds(input, directory.toModelId));
    let isAdmitted = false;
    const onAdmitted = () => {
      isAdmitted = true;
      options.onAdmitted?.();
    };
    const running = requestId === undefined ? undefined : await keeper.findByRequest(caller, requestId, signal);
    return (
      running ??
      keeper.open({
        ...{ callId, caller, policy, requestId, provider, model, signal, settings: parts.resume },
        isAdmitted: () => isAdmitted,
        start: (control) =>
          run(chatOperation, 'stream', input, { ...options, onAdmitted, signal: control.signal, control }, emitEvents),
      })
    );
  }

  /** A client that reconnects repeats its request; it gets the rest of its stream, and nothing is sent to a provider. */
  function resumeAt(lastEventId: string, { caller, signal }: CallOptions): Promise<PollStream<ChatEvent>> {
    const at = fromCursor(lastEventId);
    if (at) return keeper.resume(caller, at.streamId, lastEventId, signal);
    const message = 'Expected the id of an event of a stream of this gateway';
    throw new CallFailure(withoutCall(toInvalidRequest([{ path: 'Last-Event-ID', message }])));
  }

  async function run<Request extends OperationRequest, Answer extends OperationAnswer, Result>(
    operation: Operation<Request, Answer>,
    mode: Mode,
    named: unknown,
    options: SessionOptions & { readonly control?: CallControl },
    runAttempt: (attempt: AttemptContext<Request, Answer>) => Promise<Result>,
  ): Promise<Result> {
    const timer = createOverheadTimer(clock);
    // From here on all see the ids that names of models stand for.
    const input = withModelIds(named, directory.toModelId);
    const requested = requestedTarget(input);
    const streamId = options.control?.streamId ?? options.callId ?? newId();
    const { requestId = streamId, ...target } = requested;
    const facts = {
      ...options.origin,
      operationName: operation.name,
      mode,
      caller: options.caller.id,
      requestId,
      ...(requested.requestId !== undefined && { callId: options.callId }),
      ...target,
    };
    const observed = observer.begin(facts);
    const session = new Session({ operation, mode, input, options, requested, timer, observed, streamId });
    try {
      return await runStages(stages, session, () => overTargets(session, runAttempt));
    } catch (thrown) {
      const failed = thrown instanceof CallFailure ? thrown : refuse(session, thrown);
      session.finish(toOutcome(failed.failure));
      throw failed;
    }
  }

  /** A request that ends before its first attempt. */
  function refuse(session: Pick<Session, 'attempts' | 'timer' | 'requested'>, thrown: unknown): CallFailure {
    const error = toGatewayError(thrown);
    logDefect(log, error);
    return toCallFailure(session, session.requested, error);
  }

  function clientFor({ provider }: Target): ProviderClient {
    const client = clients.get(provider);
    if (client) return client;
    const message = `${provider} has no API key on this gateway. Set ${keyVariable(provider)} in .env, or choose a provider that is ready.`;
    throw new GatewayError('PROVIDER_NOT_CONFIGURED', message);
  }

  function toDate(unixSeconds: number | undefined): Date {
    return unixSeconds === undefined ? clock.date() : new Date(unixSeconds * 1000);
  }

  function health({ id, access }: Provider): ProviderHealth {
    const client = clients.get(id);
    if (access === 'real' && client) return client.keys.health();
    return { status: access === 'sandbox' ? 'sandbox' : 'missing_key', availableAt: undefined, keys: [] };
  }

  const embed = createEmbed({
    adapters: parts.adapters,
    toModelId: directory.toModelId,
    newId,
    embedBatch: (input, options) => run(embedOperation, 'whole', input, options, emitEmbeddings),
  });
  const countTokens = createCountTokens({
    ...{ adapters: parts.adapters, connections: parts.connections, toModelId: directory.toModelId },
    count: (input, options) => run(countOperation, 'whole', input, options, emitCount),
  });

  const { embeddingModels = [] } = parts;
  const { toModelId } = directory;
  return {
    ...{ models, embeddingModels, providers, routes, toModelId, health },
    ...{ chat, stream, embed, countTokens, kept: keeper },
  };
}
