import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import type { Api, Pricing, Route } from '../core/model.ts';
import type { Proxies } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import type { CallerKey, LimitSettings } from './callers.ts';
import { baseUrlVariable, keyVariable } from './env-names.ts';
import { type JwtSettings, readJwtSettings } from './jwt-settings.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { readProxies } from './proxies.ts';
import { readRedisUrl } from './redis-url.ts';
import type { BuiltIn } from './references.ts';
import { type CustomProvider, type FileConfig, fileSchema, graceMs, logLevels } from './schema.ts';
import { fileVersion } from './watch.ts';
import { type ConfigProblem, readYaml } from './yaml-file.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How a provider is reached. Without keys, requests carry no authorization. */
export type ProviderAccess = { readonly baseUrl: URL; readonly keys: readonly Secret[] };

export type Config = {
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly server: FileConfig['server'] & { readonly graphiql: boolean };
  readonly graphql: FileConfig['graphql'] & { readonly introspection: boolean };
  readonly callers: readonly CallerKey[];
  readonly jwt: JwtSettings | undefined;
  /** Limits of each caller that has none of its own. */
  readonly limits: LimitSettings;
  readonly resume: FileConfig['resume'];
  readonly redis: FileConfig['redis'] & { readonly url: Secret | undefined };
  /** Whether requests without a key are allowed. */
  readonly allowsAnonymous: boolean;
  readonly manifest: Manifest | undefined;
  readonly sandbox: FileConfig['sandbox'] & { readonly isOn: boolean };
  readonly metrics: FileConfig['metrics'];
  readonly traces: FileConfig['traces'];
  readonly images: FileConfig['images'];
  readonly timeouts: FileConfig['timeouts'];
  readonly concurrency: FileConfig['concurrency'];
  readonly connections: FileConfig['connections'];
  readonly retries: FileConfig['retries'];
  readonly cooldowns: FileConfig['cooldowns'];
  readonly breaker: FileConfig['breaker'];
  readonly routes: readonly Route[];
  readonly models: FileConfig['models'];
  /** By "provider/model". */
  readonly prices: ReadonlyMap<string, Pricing>;
  /** Proxies between this machine and the providers. */
  readonly proxies: Proxies | undefined;
  /** Providers with real access, by id. */
  readonly access: ReadonlyMap<string, ProviderAccess>;
  readonly customProviders: ReadonlyMap<string, CustomProvider>;
  /** Providers that are pinned to one API for all models. */
  readonly apis: ReadonlyMap<string, Api>;
  readonly file: ConfigFile;
  /** Printed at start: nothing is wrong, but a setting has no effect. */
  readonly notices: readonly string[];
};

export type ConfigFile = {
  readonly path: string;
  /** The name in messages. */
  readonly name: string;
  readonly exists: boolean;
  /** Changes when the file does. */
  readonly version: string;
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export type ConfigSource = {
  /** Folder of `.env` and `parley.yaml`. */
  readonly directory: string;
  readonly env: Env;
  readonly builtIn: readonly BuiltIn[];
  /** Listens on any address without caller keys (--insecure). */
  readonly insecure: boolean;
  /** Answers from the sandbox whatever the configuration says: for `parley verify`, which sends requests of its own only. */
  readonly allowSandbox?: boolean;
};

/** Reads and validates the whole configuration: one ConfigError lists all problems. */
export function loadConfig({
  directory,
  env: processEnv,
  builtIn,
  insecure,
  allowSandbox = false,
}: ConfigSource): Config {
  const problems: ConfigProblem[] = [];
  const notices: string[] = [];
  const env = { ...readDotEnv(directory), ...withoutEmpty(processEnv) };
  const name = env['PARLEY_CONFIG'] ?? 'parley.yaml';
  const path = resolve(directory, name);
  const source = { path, name, exists: existsSync(path), version: fileVersion(path) };
  if (env['PARLEY_CONFIG'] && !source.exists) problems.push(`PARLEY_CONFIG: file ${name} does not exist`);
  const file = readFile(source, builtIn, problems);
  const isFileRead = problems.length === 0;
  const settings = readSettings(env, problems);
  const proxies = readProxies(env, problems);
  const redisUrl = readRedisUrl(env, problems);
  const customProviders = new Map(
    Object.entries(file.providers).flatMap(([id, given]) => (given.kind ? [[id, given] as const] : [])),
  );
  const apis = new Map(
    Object.entries(file.providers).flatMap(([id, { api }]) => (api === 'auto' ? [] : [[id, api] as const])),
  );
  const access = new Map<string, ProviderAccess>();

  for (const { id, baseUrl } of builtIn) {
    const keys = readKeys(keyVariable(id), env, problems);
    const own = env[baseUrlVariable(id)];
    const url = readUrl(own ?? baseUrl);
    if (!url) problems.push(`${baseUrlVariable(id)}: expected an http or https URL`);
    else if (keys.length > 0) access.set(id, { baseUrl: url, keys });
    else if (own) notices.push(`${baseUrlVariable(id)} is set without ${keyVariable(id)}, and has no effect`);
  }
  for (const [id, { baseUrl, apiKeyEnv }] of customProviders) {
    const keys = apiKeyEnv ? readKeys(apiKeyEnv, env, problems) : [];
    if (apiKeyEnv && keys.length === 0) notices.push(`${apiKeyEnv} is not set: provider "${id}" is not available`);
    else access.set(id, { baseUrl: new URL(baseUrl), keys });
  }

  const jwt = file.jwt && readJwtSettings(file.jwt, env, problems);
  const list = file.graphql.persistedOperations;
  const manifest = list ? readManifest(resolve(dirname(path), list), list, problems) : undefined;
  if (!list && [...file.callers, file.jwt].some((caller) => caller?.persistedOnly)) {
    problems.push('graphql.persistedOperations: not set, so that callers with persistedOnly could run nothing');
  }

  const host = env['HOST'] ?? file.server.host ?? '127.0.0.1';
  const allowsAnonymous = file.callers.length === 0 && !file.jwt;
  // A file that could not be read may well configure keys.
  if (!isLoopback(host) && allowsAnonymous && isFileRead && !insecure) {
    problems.push(
      `HOST: ${host} can be reached from other machines, and every client there could spend your money. ` +
        'Listen on 127.0.0.1, give callers keys (parley keys new NAME), or start with --insecure if a proxy in front authenticates clients',
    );
  }
  if (settings.PARLEY_SANDBOX === false && access.size === 0) {
    notices.push('PARLEY_SANDBOX is 0 and no key is set: no provider is available');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const isPublic = !isLoopback(host) || !allowsAnonymous;
  if (isPublic && !allowSandbox && access.size === 0 && settings.PARLEY_SANDBOX === undefined) {
    const who = allowsAnonymous ? `HOST ${host} is public` : 'there are callers';
    throw new ConfigError([
      `providers: none has a key, and ${who}: they would get canned answers of the sandbox. Set a key (OPENAI_API_KEY and the like; see .env.example), or PARLEY_SANDBOX=1 if canned answers are meant`,
    ]);
  }
  const isPlayground = allowsAnonymous && isLoopback(host);
  return {
    host,
    port: settings.PORT ?? file.server.port ?? 4000,
    logLevel: settings.LOG_LEVEL ?? file.logLevel ?? 'info',
    server: {
      ...file.server,
      graphiql: file.server.graphiql ?? isPlayground,
      shutdownGraceMs: settings.PARLEY_SHUTDOWN_GRACE_MS ?? file.server.shutdownGraceMs,
    },
    graphql: { ...file.graphql, introspection: file.graphql.introspection ?? isPlayground },
    callers: file.callers,
    jwt,
    limits: file.limits,
    resume: file.resume,
    redis: { ...file.redis, url: redisUrl },
    allowsAnonymous,
    manifest,
    metrics: file.metrics,
    traces: file.traces,
    images: file.images,
    timeouts: file.timeouts,
    concurrency: file.concurrency,
    connections: file.connections,
    retries: file.retries,
    cooldowns: file.cooldowns,
    breaker: file.breaker,
    routes: Object.entries(file.routes).map(([name, targets]) => ({ name, targets })),
    models: file.models,
    prices: new Map(Object.entries(file.prices)),
    proxies,
    sandbox: { ...file.sandbox, isOn: settings.PARLEY_SANDBOX ?? access.size === 0 },
    access,
    customProviders,
    apis,
    file: source,
    notices,
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function readFile(
  { path, name, exists }: ConfigFile,
  builtIn: readonly BuiltIn[],
  problems: ConfigProblem[],
): FileConfig {
  if (!exists) return fileSchema.parse({});
  const read = readYaml(readFileSync(path, 'utf8'), name, builtIn);
  if ('config' in read) return read.config;
  problems.push(...read.problems);
  return fileSchema.parse({});
}

const settingsSchema = z.object({
  PORT: z.coerce.number('expected a port number').int().min(0).max(65_535).optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).optional(),
  PARLEY_SANDBOX: z
    .enum(['0', '1'], { error: 'expected 1 (all providers are sandboxed) or 0 (none is)' })
    .transform((value) => value === '1')
    .optional(),
  PARLEY_SHUTDOWN_GRACE_MS: z.coerce.number('expected milliseconds').pipe(graceMs).optional(),
});

function readSettings(env: Env, problems: ConfigProblem[]): z.output<typeof settingsSchema> {
  const result = settingsSchema.safeParse(env);
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
  return {};
}

function readDotEnv(directory: string): Env {
  const path = resolve(directory, '.env');
  return existsSync(path) ? withoutEmpty(parseEnv(readFileSync(path, 'utf8'))) : {};
}

/** `OPENAI_API_KEY=` in a copied .env.example means that there is no key. */
function withoutEmpty(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function readKeys(variable: string, env: Env, problems: ConfigProblem[]): Secret[] {
  const keys = (env[variable] ?? '').split(',').map((key) => key.trim());
  const given = keys.filter((key) => key !== '');
  if (given.some((key) => !/^[\x21-\x7e]+$/.test(key))) {
    problems.push(`${variable}: a key contains white space or characters outside ASCII`);
  }
  return given.map((key) => new Secret(key));
}

function readUrl(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}
