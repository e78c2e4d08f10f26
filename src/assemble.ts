import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { keyVariable } from './config/env-names.ts';
import { type Config, isLoopback } from './config/load.ts';
import type { ProviderAdapter } from './core/adapter.ts';
import { anonymous } from './core/caller.ts';
import type { Gateway } from './core/gateway.ts';
import type { Model, ModelFacts, Provider, ProviderAccess } from './core/model.ts';
import type { Clock, Connection, Log } from './core/ports.ts';
import { Secret } from './core/secret.ts';
import { createGraphQLHandler } from './graphql/handler.ts';
import { createPage } from './page/handler.ts';
import { catalog } from './providers/catalog.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/adapter.ts';
import { builtInProviders } from './providers/registry.ts';
import { createRestHandler } from './rest/handler.ts';
import { createGateway } from './routing/gateway.ts';
import type { Sandbox } from './sandbox/server.ts';
import { createApp } from './server/app.ts';
import { type CallerKey, createDoor, type DoorOptions, openDoor } from './server/door.ts';
import { createTokenReader } from './server/sign-in-token.ts';
import { createUpstream } from './upstream/client.ts';
import { createImageFetcher } from './upstream/images.ts';
import { createKeySet } from './upstream/key-set.ts';

export type Parley = {
  readonly gateway: Gateway;
  readonly app: RequestListener;
  /** From now on `/readyz` says no. */
  drain(): void;
  close(): Promise<void>;
};

/** Puts the parts together. The one file that knows everybody. */
export async function assemble(config: Config, log: Log): Promise<Parley> {
  const adapters = new Map([...builtInProviders, ...customAdapters(config)].map((adapter) => [adapter.id, adapter]));
  const sandbox = config.sandbox.isOn ? await startSandbox(config) : undefined;
  const connections = connect([...adapters.keys()], config, sandbox);
  const providers = [...adapters.values()].map(
    ({ id, name }): Provider => ({ id, name, access: accessBy(connections.get(id)) }),
  );
  const upstream = createUpstream({
    ...config.connections,
    connectMs: longestConnectMs(config),
    // The sandbox is this process: no proxy reaches it.
    proxies: sandbox ? undefined : config.proxies,
  });
  const gateway = createGateway({
    adapters,
    connections,
    keyVariable: (id) => config.customProviders.get(id)?.apiKeyEnv ?? keyVariable(id),
    providers,
    models: listModels(providers, [...catalog, ...customModels(config)]),
    routes: config.routes,
    upstream,
    clock: systemClock,
    chance: Math.random,
    patience: config.timeouts,
    retries: config.retries,
    coolDowns: config.coolDowns,
    breaker: config.breaker,
    newId: randomUUID,
    log,
    // Nothing leaves the machine in the sandbox, images included.
    ...(config.images.fetch && !sandbox && { fetchImage: createImageFetcher() }),
  });
  let isReady = true;
  const loopbackOnly = isLoopback(config.host);
  const { maxBodyBytes, graphiql, cors, hosts, stalledReaderMs } = config.server;
  const app = createApp({
    graphql: createGraphQLHandler({
      gateway,
      graphiql,
      limits: config.graphql,
      introspection: config.graphql.introspection,
      manifest: config.manifest ?? new Map(),
      log,
    }),
    rest: createRestHandler({ gateway, clock: systemClock }),
    page: createPage(),
    door: config.isOpen ? openDoor({ ...anonymous, admin: loopbackOnly }) : createDoor(doorOptions(config, log)),
    hosts: { listensOn: config.host, loopbackOnly, allowed: hosts },
    cors,
    graphiql,
    maxBodyBytes,
    stalledReaderMs,
    isReady: () => isReady,
    log,
  });
  return {
    gateway,
    app,
    drain: () => {
      isReady = false;
    },
    close: async () => {
      await Promise.all([upstream.close(), sandbox?.close()]);
    },
  };
}

function doorOptions({ callers, tokens }: Config, log: Log): DoorOptions {
  const keys = callers.map(
    ({ name, sha256, admin, persistedOnly, models }): CallerKey => ({
      digest: Buffer.from(sha256, 'hex'),
      caller: { id: name, admin, persistedOnly, models },
    }),
  );
  if (!tokens) return { keys, readToken: undefined };
  const { keys: source, ...rules } = tokens;
  const key = source instanceof URL ? createKeySet(source) : source;
  return { keys, readToken: createTokenReader({ ...rules, key, log }) };
}

const systemClock: Clock = {
  now: () => performance.now(),
  today: () => new Date(),
  after: (ms, run) => {
    // Timers drop fractions and may run a little early: what waits for a time would find that it has not come.
    const timer = setTimeout(run, Math.ceil(ms) + 1);
    return () => clearTimeout(timer);
  },
};

function customAdapters({ customProviders }: Config): ProviderAdapter[] {
  return [...customProviders].map(([id, { name = id, baseUrl }]) => createOpenAiCompatible({ id, name, baseUrl }));
}

function customModels({ customProviders }: Config): ModelFacts[] {
  return [...customProviders].flatMap(([provider, { models }]) => models.map((facts) => ({ ...facts, provider })));
}

/** Loaded only when it is needed: whoever has keys runs without a mock in memory. */
async function startSandbox({ sandbox }: Config): Promise<Sandbox> {
  const { startSandbox: start } = await import('./sandbox/server.ts');
  return start(sandbox);
}

/** Wires ask for a key; the sandbox takes any. */
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

function listModels(providers: readonly Provider[], facts: readonly ModelFacts[]): Model[] {
  return providers.flatMap((provider) =>
    facts
      .filter((model) => model.provider === provider.id)
      .map((model): Model => ({ id: `${provider.id}/${model.name}`, facts: model, provider })),
  );
}
