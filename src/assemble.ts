import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import { systemClock } from './clock.ts';
import type { KeepSettings, LimitSettings } from './config/callers.ts';
import { keyVariable } from './config/env-names.ts';
import { type Config, isLoopback } from './config/load.ts';
import type { ProviderAdapter } from './core/adapter.ts';
import { anonymous, type Caller, type CallerLimits } from './core/caller.ts';
import type { PriceList } from './core/cost.ts';
import type { KeepLimits } from './core/disconnect-policy.ts';
import type { EmbeddingModel } from './core/embed.ts';
import type { Gateway } from './core/gateway.ts';
import type { Model, ModelFacts, Provider, ProviderAccess, SupportedOptions } from './core/model.ts';
import type { Connection, Log } from './core/ports.ts';
import { Secret } from './core/secret.ts';
import { createGraphQLFace } from './graphql/face.ts';
import { createConnectionBudget } from './http/connection-budget.ts';
import type { Face } from './http/face.ts';
import { createLimits } from './limits/limits.ts';
import { createPage } from './page/handler.ts';
import { createPriceList } from './prices/price-list.ts';
import { createProcessState, type ProcessState } from './process-state.ts';
import { catalog } from './providers/catalog.ts';
import { embeddingModels } from './providers/embedding-models.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/adapter.ts';
import { pinApi } from './providers/pin-api.ts';
import { builtInProviders } from './providers/registry.ts';
import { supportedOptions } from './providers/supported-options.ts';
import { createRestFace } from './rest/face.ts';
import { createMessagesFace } from './rest/messages/face.ts';
import { createGateway } from './routing/gateway.ts';
import type { Sandbox } from './sandbox/server.ts';
import { createApp } from './server/app.ts';
import {
  allowAnonymous,
  type CallerKey,
  createKeyAuthenticator,
  type KeyAuthenticatorOptions,
} from './server/authenticate.ts';
import { createBodyBudget } from './server/body-budget.ts';
import type { HostRules } from './server/host-check.ts';
import { createJwtVerifier } from './server/jwt.ts';
import { createMetricsApp } from './server/metrics.ts';
import { createWebSockets, type WebSockets } from './server/web-sockets.ts';
import { createWorkLimit } from './server/work-limit.ts';
import type { createTelemetry } from './telemetry/telemetry.ts';
import { createUpstream } from './upstream/client.ts';
import { createMediaFetcher } from './upstream/fetch-media.ts';
import { createJwks } from './upstream/jwks.ts';
import { isPublicUrl } from './upstream/public-address.ts';

export type Parley = {
  readonly gateway: Gateway;
  readonly app: RequestListener;
  readonly webSockets: WebSockets;
  /** Ends what faces keep open for requests to come. */
  readonly drainFaces: () => void;
  /** Undefined unless `metrics.port` is set. */
  readonly metricsApp: RequestListener | undefined;
  close(): Promise<void>;
};

/** Builds a gateway for one configuration. Benchmarks may pass another telemetry. */
export async function assemble(config: Config, log: Log, telemetryOf?: typeof createTelemetry): Promise<Parley> {
  const processState = await createProcessState(config, log, telemetryOf);
  const parley = await assembleOn(processState, config, log);
  return {
    ...parley,
    async close() {
      await parley.close();
      await processState.close();
    },
  };
}

/** The composition root: builds all parts for one configuration, on top of the state that outlives it. */
export async function assembleOn(processState: ProcessState, config: Config, log: Log): Promise<Parley> {
  const { stores, telemetry, bulkhead, keyPools } = processState;
  const adapters = new Map(
    [...builtInProviders, ...customAdapters(config)].map((adapter) => {
      const api = config.apis.get(adapter.id);
      return [adapter.id, api ? pinApi(api, adapter) : adapter];
    }),
  );
  const facts = [...catalog, ...customModels(config)];
  const sandbox = config.sandbox.isOn ? await startSandbox(config) : undefined;
  const connections = connect([...adapters.keys()], config, sandbox);
  const providers = [...adapters.values()].map(
    ({ id, name }): Provider => ({ id, name, access: accessBy(connections.get(id)) }),
  );
  const upstream = createUpstream({
    ...config.connections,
    connectMs: longestConnectMs(config),
    onShortage: processState.idleConnections.close,
    // The sandbox runs in this process: no proxy reaches it.
    proxies: sandbox ? undefined : config.proxies,
  });
  const prices = createPriceList({ own: config.prices, catalog: facts, clock: systemClock });
  const models = listModels(providers, facts, prices, adapters);
  const limits = createLimits({ ...stores, clock: systemClock, newId: randomUUID });
  const loopbackOnly = isLoopback(config.host);
  const everybody: Caller = {
    ...anonymous,
    admin: loopbackOnly,
    limits: limitsOf(config, {}),
    keep: keepOf(config, {}),
  };
  const keyed = config.allowsAnonymous ? undefined : authenticatorOptions(config, log);
  const gateway = createGateway({
    adapters,
    connections,
    keyVariable: (id) => config.customProviders.get(id)?.apiKeyEnv ?? keyVariable(id),
    providers,
    models,
    embeddingModels: listEmbeddingModels(providers, prices),
    routes: config.routes,
    modelNames: config.models,
    limits,
    idempotency: stores.idempotency,
    bulkhead,
    concurrency: config.concurrency,
    keyPools,
    sharedCooldowns: stores.cooldowns,
    prices,
    observer: telemetry.observer,
    upstream,
    clock: systemClock,
    random: Math.random,
    timeouts: config.timeouts,
    retries: config.retries,
    cooldowns: config.cooldowns,
    breaker: config.breaker,
    newId: randomUUID,
    keeper: processState.streams,
    outputValidator: processState.outputValidator,
    resume: { ...config.resume, totalBytes: config.resume.totalBytes ?? getHeapStatistics().heap_size_limit / 8 },
    log,
    // In the sandbox nothing leaves the machine, images included.
    isPublicUrl: config.images.allowPrivate ? () => true : isPublicUrl,
    ...(config.images.fetch && !sandbox && { fetchMedia: createMediaFetcher() }),
  });
  const named = keyed?.keys.map(({ caller }) => caller) ?? [everybody];
  telemetry.setSubject({ ...gateway, limits, callers: new Map(named.map((caller) => [caller.id, caller])) });
  const { maxBodyBytes, graphiql, cors, hosts, writeTimeoutMs, heartbeatMs, freeWorkMsPerMinute } = config.server;
  const heartbeat = { clock: systemClock, heartbeatMs };
  const { refused: onRefused } = telemetry.observer;
  const bodyBudget = createBodyBudget(config.concurrency.bodyBytes ?? getHeapStatistics().heap_size_limit / 4);
  const connectionBudget = createConnectionBudget(config.concurrency.maxConnections);
  const graphql = createGraphQLFace({
    gateway,
    usage: telemetry.usage,
    onRefused,
    limits: config.graphql,
    introspection: config.graphql.introspection,
    manifest: config.manifest ?? new Map(),
    heartbeat,
    connectionBudget,
    reserveBody: bodyBudget.reserve,
    log,
  });
  const rest = { gateway, onRefused, ...heartbeat };
  const faces: readonly [Face, ...Face[]] = [graphql.face, createMessagesFace(rest), createRestFace(rest)];
  // What HTTP requests and WebSocket connections have in common.
  const entrance = {
    faces,
    authenticate: keyed ? createKeyAuthenticator(keyed) : allowAnonymous(everybody),
    hostRules: { listensOn: config.host, loopbackOnly, allowed: hosts },
    cors,
    maxBodyBytes,
    bodyBudget,
    workLimit: createWorkLimit(systemClock, () => freeWorkMsPerMinute),
    writeTimeoutMs,
    onRefused,
    log,
  };
  const app = createApp({
    ...entrance,
    pages: graphiql ? [graphql.page, createPage()] : [],
    admissionError: () => bulkhead.admissionError(config.concurrency),
    readiness: () => {
      if (processState.isStopping) return 'stopping';
      return telemetry.readiness.hasAvailableTarget() ? 'ready' : 'no provider available';
    },
    metrics: config.metrics ? undefined : telemetry.metrics,
  });
  return {
    gateway,
    app,
    webSockets: createWebSockets({ ...entrance, heartbeatMs, connectionBudget }),
    drainFaces() {
      for (const face of faces) face.drain?.();
    },
    metricsApp: config.metrics && createMetricsApp(telemetry.metrics, hostsOf(config.metrics.host)),
    close: async () => {
      await Promise.all([upstream.close(), sandbox?.close()]);
    },
  };
}

/** What a caller may keep: its own settings override those of all callers. */
function keepOf({ resume }: Config, own: KeepSettings): KeepLimits {
  const { allow = resume.allow, maxStreams = resume.maxStreams, maxBytes = resume.maxBytes } = own;
  return { allow, maxStreams, maxBytes };
}

/** A caller's own limits override the limits for all callers; `null` removes one. */
function limitsOf({ limits }: Config, own: LimitSettings): CallerLimits {
  const entries = Object.entries({ ...limits, ...own }).filter(([, limit]) => limit !== null);
  return Object.fromEntries(entries);
}

function authenticatorOptions(config: Config, log: Log): KeyAuthenticatorOptions {
  const { callers, jwt, proxies } = config;
  const keys = callers.map(
    ({
      name,
      sha256,
      admin,
      introspection,
      persistedOnly,
      allowProviderOptions,
      models,
      limits,
      resume,
    }): CallerKey => ({
      digest: Buffer.from(sha256, 'hex'),
      caller: {
        ...{ id: name, admin, introspection, persistedOnly, models, keyId: keyIdOf(sha256) },
        ...(allowProviderOptions !== undefined && { providerOptions: allowProviderOptions }),
        limits: limitsOf(config, limits),
        keep: keepOf(config, resume),
      },
    }),
  );
  if (!jwt) return { keys, verifyJwt: undefined };
  const { keys: source, limits, resume, allowProviderOptions, ...rules } = jwt;
  const key = source instanceof URL ? createJwks(source, proxies, systemClock) : source;
  return {
    keys,
    verifyJwt: createJwtVerifier({
      ...rules,
      ...(allowProviderOptions !== undefined && { providerOptions: allowProviderOptions }),
      limits: limitsOf(config, limits),
      keep: keepOf(config, resume),
      key,
      log,
      clock: systemClock,
    }),
  };
}

/** Enough of the hash to tell keys apart. */
function keyIdOf(sha256: string): string {
  return sha256.slice(0, 16);
}

/** Whether a caller of an earlier configuration may still send requests: its key, its issuer, or requests without a key. */
export function isStillAllowed(
  { callers, jwt, allowsAnonymous }: Config,
  earlier: Config,
  { id, keyId }: Caller,
): boolean {
  if (keyId !== undefined) return callers.some(({ sha256 }) => keyIdOf(sha256) === keyId);
  if (id.startsWith('jwt:')) return jwt !== undefined && jwt.issuer === earlier.jwt?.issuer;
  return allowsAnonymous;
}

function hostsOf(host: string): HostRules {
  return { listensOn: host, loopbackOnly: isLoopback(host), allowed: undefined };
}

function customAdapters({ customProviders }: Config): ProviderAdapter[] {
  return [...customProviders].map(([id, { name = id, baseUrl, inlineThinking }]) =>
    createOpenAiCompatible(
      {
        ...{ id, name, baseUrl, embeddings: { maxInputs: 2_048 }, fillIn: { path: '/completions' } },
        ...(inlineThinking && { inlineThinking: {} }),
      },
      { id },
    ),
  );
}

function customModels({ customProviders }: Config): ModelFacts[] {
  return [...customProviders].flatMap(([provider, { models }]) => models.map((facts) => ({ ...facts, provider })));
}

/** Loaded on demand: a gateway with real keys has no mock in memory. */
async function startSandbox({ sandbox }: Config): Promise<Sandbox> {
  const { startSandbox: start } = await import('./sandbox/server.ts');
  // Models of configured providers are not known completely: any name may be right.
  return start(sandbox, { models: catalog, embeddingModels, refusesRetired: sandbox.refuseRetired });
}

/** The wire formats require a key; the sandbox accepts any. */
const sandboxKeys = [new Secret('parley-sandbox')];

function connect(
  providers: readonly string[],
  { access }: Config,
  sandbox: Sandbox | undefined,
): Map<string, Connection> {
  const connections = new Map<string, Connection>();
  for (const id of providers) {
    const real = access.get(id);
    if (sandbox) connections.set(id, { baseUrl: sandbox.baseUrl(id), keys: sandboxKeys, isSandbox: true });
    else if (real) connections.set(id, { ...real, isSandbox: false });
  }
  return connections;
}

function accessBy(connection: Connection | undefined): ProviderAccess {
  if (!connection) return 'missing_key';
  return connection.isSandbox ? 'sandbox' : 'real';
}

function longestConnectMs({ timeouts }: Config): number {
  return Math.max(timeouts.connectMs, ...Object.values(timeouts.for).map(({ connectMs = 0 }) => connectMs));
}

function listEmbeddingModels(providers: readonly Provider[], prices: PriceList): readonly EmbeddingModel[] {
  return embeddingModels.map((facts) => ({
    ...facts,
    id: `${facts.provider}/${facts.name}`,
    access: providers.find(({ id }) => id === facts.provider)?.access ?? 'missing_key',
    // Looked up when it is asked for: prices change.
    get pricing() {
      return prices.pricingOf(facts.provider, facts.name);
    },
  }));
}

function listModels(
  providers: readonly Provider[],
  facts: readonly ModelFacts[],
  prices: PriceList,
  adapters: ReadonlyMap<string, ProviderAdapter>,
): Model[] {
  return providers.flatMap((provider) =>
    facts
      .filter((model) => model.provider === provider.id)
      .map((model): Model => {
        let supported: SupportedOptions | undefined;
        return {
          id: `${provider.id}/${model.name}`,
          facts: model,
          provider,
          get supported() {
            const adapter = adapters.get(provider.id);
            if (!adapter) throw new Error(`${provider.id} has no adapter`);
            supported ??= supportedOptions(adapter, model);
            return supported;
          },
          get pricing() {
            return prices.pricingOf(provider.id, model.name);
          },
        };
      }),
  );
}
