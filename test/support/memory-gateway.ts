import { randomUUID } from 'node:crypto';
import { fileSchema } from '../../src/config/schema.ts';
import type { AbortSignalLike } from '../../src/core/abort.ts';
import type { ServerSentEvent } from '../../src/core/adapter.ts';
import { anonymous } from '../../src/core/caller.ts';
import { CallFailure, type Gateway } from '../../src/core/gateway.ts';
import { localOnly } from '../../src/core/key-cooldowns.ts';
import type { Route } from '../../src/core/model.ts';
import type { Connection, Log, Upstream, UpstreamRequest } from '../../src/core/ports.ts';
import { Secret } from '../../src/core/secret.ts';
import { createLimits } from '../../src/limits/limits.ts';
import { createMemoryLedger } from '../../src/limits/memory-ledger.ts';
import { createMemoryRequestCounter } from '../../src/limits/request-counter.ts';
import { createPriceList } from '../../src/prices/price-list.ts';
import { createOpenAiCompatible } from '../../src/providers/openai-compatible/adapter.ts';
import { createKeptStreams } from '../../src/resume/kept-streams.ts';
import { createBulkhead } from '../../src/routing/concurrency.ts';
import { createGateway, type GatewayParts } from '../../src/routing/gateway.ts';
import { createIdempotencyStore } from '../../src/routing/idempotency.ts';
import { createKeyPools } from '../../src/routing/key-pools.ts';
import { createOutputValidator } from '../../src/structured-output/validator.ts';
import { noopObserver } from '../../src/telemetry/observer.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { openAiAnswer, openAiStream } from './provider-server.ts';
import { toSource } from './to-poll-stream.ts';

/** The gateway over providers that answer from memory, with a fake clock and a known random source. */

/** One request as it would reach a provider. */
export type Sent = {
  readonly provider: string;
  readonly model: string;
  /** "k1"; empty for a provider without keys. */
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignalLike;
  readonly at: number;
};

/** The reply: an answer, or an HTTP failure. A function that throws has no connection. */
export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Pieces of the body of a stream; default: a good one. */
  readonly stream?: readonly string[];
};

export type MemoryGateway = {
  readonly gateway: Gateway;
  readonly clock: FakeClock;
  readonly sent: readonly Sent[];
  readonly log: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  /** Advances the time in small steps, and lets pending work go on in between. */
  pass(ms: number, stepMs?: number): Promise<void>;
};

export type MemorySettings = {
  /** Keys by provider. */
  readonly providers?: Readonly<Record<string, readonly string[]>>;
  readonly answer?: (sent: Sent) => Reply | Promise<Reply>;
  readonly routes?: readonly Route[];
  readonly chance?: () => number;
  readonly parts?: Partial<GatewayParts>;
};

const defaults = fileSchema.parse({});

/** The settings of an empty configuration. */
export const policy = {
  timeouts: defaults.timeouts,
  retries: defaults.retries,
  cooldowns: defaults.cooldowns,
  breaker: defaults.breaker,
};

export function openMemoryGateway({
  providers = { acme: [] },
  answer = () => ({}),
  routes = [],
  chance = () => 0.5,
  parts = {},
}: MemorySettings = {}): MemoryGateway {
  const clock = createFakeClock();
  const sent: Sent[] = [];
  const lines: [string, Readonly<Record<string, unknown>>][] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string) => void lines.push([message, fields]);
  const log: Log = { info: write, warn: write, error: write };
  const upstream: Upstream = {
    async send(request) {
      if (request.signal.aborted) throw request.signal.reason;
      const one = toSent(request, clock.now());
      sent.push(one);
      request.onConnected();
      request.waitTimer.start();
      return toResponse(await untilAborted(answer(one), request.signal).finally(request.waitTimer.stop));
    },
    close: async () => {},
  };
  const ids = Object.keys(providers);
  const gateway = createGateway({
    adapters: new Map(
      ids.map((id) => [id, createOpenAiCompatible({ id, name: id, baseUrl: `https://${id}.example` })]),
    ),
    connections: new Map(
      Object.entries(providers).map(([id, keys]): [string, Connection] => [
        id,
        { baseUrl: new URL(`https://${id}.example`), keys: keys.map((key) => new Secret(key)), isSandbox: false },
      ]),
    ),
    keyVariable: (id) => `${id.toUpperCase()}_API_KEY`,
    models: [],
    providers: ids.map((id) => ({ id, name: id, access: 'real' })),
    routes,
    limits: createLimits({
      requests: createMemoryRequestCounter(),
      ledger: createMemoryLedger(clock),
      clock,
      newId: randomUUID,
    }),
    idempotency: createIdempotencyStore(clock),
    bulkhead: createBulkhead(),
    concurrency: defaults.concurrency,
    keyPools: createKeyPools(),
    sharedCooldowns: localOnly,
    observer: noopObserver,
    prices: createPriceList({ own: new Map(), catalog: parts.models?.map(({ facts }) => facts) ?? [], clock }),
    upstream,
    isPublicUrl: () => true,
    outputValidator: createOutputValidator(),
    clock,
    random: chance,
    keeper: createKeptStreams({ clock, log, newId: randomUUID, observe: () => {}, shared: undefined }),
    resume: { ...defaults.resume, totalBytes: 50_000_000 },
    ...policy,
    newId: () => 'id',
    log,
    ...parts,
  });
  return {
    gateway,
    clock,
    sent,
    log: lines,
    async pass(ms, stepMs = 50) {
      for (let left = ms; left > 0; left -= stepMs) {
        await settled();
        clock.pass(Math.min(stepMs, left));
      }
      await settled();
    },
  };
}

/** Runs all pending work without advancing the time. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export const hello = [{ role: 'user', content: 'Hello' }];

/** The attempts of a call, one line each: "acme/a#1 UPSTREAM_ERROR 500". */
export async function outcomeOf(
  gateway: Gateway,
  input: object,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly code: string; readonly message: string; readonly attempts: readonly string[] }> {
  try {
    const { attempts } = await gateway.chat({ messages: hello, ...input }, { caller: anonymous, signal });
    return { code: 'OK', message: '', attempts: attempts.map(toLine) };
  } catch (thrown) {
    if (!(thrown instanceof CallFailure)) throw thrown;
    const { error, attempts } = thrown.failure;
    return { code: error.code, message: error.message, attempts: attempts.map(toLine) };
  }
}

function toLine({ provider, model, key, code, status }: CallFailure['failure']['attempts'][number]): string {
  const name = key === undefined ? '' : `#${key.split('#')[1]}`;
  return [`${provider}/${model}${name}`, code ?? 'OK', status].filter((part) => part !== undefined).join(' ');
}

function toSent({ url, headers, body, signal }: UpstreamRequest, at: number): Sent {
  const provider = url.hostname.split('.')[0] ?? '';
  const parsed = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const key = headers['authorization']?.replace('Bearer ', '') ?? '';
  return { provider, model: String(parsed['model']), key, headers, body: parsed, signal, at };
}

function toResponse({ status = 200, headers = {}, body, stream = [openAiStream(['Hi'])] }: Reply) {
  return {
    status,
    headers,
    text: async () => body ?? '{"error":{"message":"Oops"}}',
    json: async () => (body === undefined ? openAiAnswer('Hi') : JSON.parse(body)),
    events: () => toSource(eventsOf(stream)),
    discard() {},
  };
}

async function* eventsOf(stream: NonNullable<Reply['stream']>): AsyncGenerator<readonly ServerSentEvent[]> {
  for (const piece of stream) {
    const events = piece.split('\n\n').filter(Boolean);
    yield events.map((event) => ({ event: undefined, data: event.replace(/^data: /, '') }));
  }
}

async function untilAborted<T>(work: T | Promise<T>, signal: AbortSignalLike): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
