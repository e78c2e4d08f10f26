import { z } from 'zod';
import { targetParameters } from '../core/chat.ts';
import { apis, modelFacts, pricing } from '../core/model.ts';
import { callerLimits, callers, jwt } from './callers.ts';
import { variable } from './env-names.ts';

/** The whole of `parley.yaml`. docs/configuration.md tells the same in prose. */

const baseUrl = z.url({ protocol: /^https?$/, error: 'Expected an http or https URL' });

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and "-"')
  .max(64);

const customModel = z
  .union(
    [
      z
        .string()
        .min(1)
        .transform((name) => ({ name })),
      modelFacts.omit({ provider: true, seed: true, pricing: true }),
    ],
    {
      error: 'Expected the id of a model, or an object with its "name" and facts',
    },
  )
  .transform((facts) => modelFacts.omit({ provider: true }).parse(facts));

/** The wire that all models of a provider take. By itself it goes by what is known of each model. */
const api = z.enum([...apis, 'auto']).default('auto');

const customProvider = z.strictObject({
  kind: z.literal('openai-compatible'),
  baseUrl,
  api,
  /** The environment variable that holds the key, or several, separated by commas. None for a server without keys. */
  apiKeyEnv: variable.optional(),
  /** How people call it. Default: its id. */
  name: z.string().min(1).optional(),
  models: z.array(customModel).default([]),
});

/** What can be said about a provider that is built in. */
const builtInProvider = z.strictObject({ kind: z.undefined().optional(), api });

const provider = z.discriminatedUnion('kind', [customProvider, builtInProvider], {
  error: ({ code }) =>
    code === 'invalid_union' ? 'Expected "openai-compatible", or no kind for a provider that is built in' : undefined,
});

const milliseconds = z.int().min(10).max(86_400_000);

/** 0: it does not rest. */
const cooldown = z.int().min(0).max(86_400_000);

export const graceMs = z.int().min(0).max(3_600_000);

/** How long a provider may take. A slow reader counts for none of them. */
const timeouts = {
  connectMs: milliseconds,
  headersMs: milliseconds,
  responseMs: milliseconds,
  firstContentMs: milliseconds,
  idleMs: milliseconds,
  keepAliveOnlyMs: milliseconds,
  totalMs: milliseconds,
};

const routeTarget = z
  .union(
    [
      z
        .string()
        .min(1)
        .transform((model) => ({ model })),
      z.strictObject({
        model: z.string().min(1),
        /** Share of the calls that ask this target first. With one, all targets have one. */
        weight: z.number().positive().max(1_000_000).optional(),
        /** For what a request leaves open. */
        parameters: targetParameters.optional(),
      }),
    ],
    { error: 'Expected "provider/model", or an object with "model", and "weight" or "parameters"' },
  )
  .transform((target) => ({
    weight: undefined,
    ...target,
    parameters: targetParameters.parse(('parameters' in target && target.parameters) || {}),
  }));

const route = z
  .array(routeTarget)
  .min(1)
  .max(16)
  .refine((targets) => new Set(targets.map(({ weight }) => weight === undefined)).size === 1, {
    error: 'Give all targets a weight, or none',
  });

const ownPrice = pricing.omit({ source: true }).transform((price) => ({ ...price, source: 'parley.yaml' }));

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

export const fileSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().min(1).optional(),
      port: z.int().min(0).max(65_535).optional(),
      /** Largest request body in bytes. */
      maxBodyBytes: z.int().min(1_000).default(8_000_000),
      /** Default: only where nobody needs a key, on this machine. */
      graphiql: z.boolean().optional(),
      /** Names that `Host` may have beside the machine's own. Default: any, where other machines come in. */
      hosts: z
        .array(
          z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'Expected a host name in lower case, without a port'),
        )
        .min(1)
        .optional(),
      /** Origins of the web pages whose scripts may ask. Default: none. */
      cors: z.array(z.string().refine(isOrigin, 'Expected an origin, such as https://app.example')).default([]),
      /** How long a reader may leave an answer unread before its connection is closed, in milliseconds. */
      writeTimeoutMs: z.int().min(100).default(60_000),
      /** Silence of a stream after which a comment is sent: load balancers cut a silent wait after a minute, some after half. */
      heartbeatMs: z.int().min(100).default(12_000),
      /** How long running answers may go on after the first signal to stop, in milliseconds. */
      shutdownGraceMs: graceMs.default(25_000),
    })
    .prefault({}),
  logLevel: z.enum(logLevels).optional(),
  graphql: z
    .strictObject({
      /** Most `chat` and `chatStream` fields of one document, fragments counted. */
      maxPaidFields: z.int().min(1).max(100).default(4),
      /** Most fields at the root of one operation, aliases and fragments counted. */
      maxRootFields: z.int().min(1).max(1_000).default(20),
      /** How deep selections may be nested. Questions about the schema itself do not count. */
      maxDepth: z.int().min(1).max(100).default(8),
      /** Most fields that an operation may resolve, each counted as often as its lists are long. */
      maxComplexity: z.int().min(1).default(20_000),
      /** Whether everybody may ask for the schema. Default: only where nobody needs a key, on this machine. */
      introspection: z.boolean().optional(),
      /** A file of documents that may be run by their hash. */
      persistedOperations: z.string().min(1).optional(),
    })
    .prefault({}),
  callers,
  jwt: jwt.optional(),
  /** How much each caller may have that has no limits of its own, whether it needs a key or not. */
  limits: callerLimits.default({}),
  /** While the Redis of PARLEY_REDIS_URL is away: what each process lets through by itself, as a share of each limit. */
  redis: z
    .strictObject({
      localShare: z.number().positive().max(1).default(0.5),
      localBudgetShare: z.number().min(0).max(1).default(0.02),
    })
    .prefault({}),
  /** Default: at /metrics of the server, for admins. */
  metrics: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      /** A port of their own, where nobody is asked for a key. */
      port: z.int().min(0).max(65_535),
    })
    .optional(),
  traces: z
    .strictObject({
      /** Whether providers are told the trace (W3C Trace Context). */
      propagate: z.boolean().default(false),
    })
    .prefault({}),
  sandbox: z
    .strictObject({
      /** Wait before the first token, in milliseconds. */
      firstTokenMs: z.number().min(0).max(60_000).default(250),
      /** Pace of a streamed answer. 0 writes it at once. */
      tokensPerSecond: z.number().min(0).max(10_000).default(40),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      connectMs: timeouts.connectMs.default(5_000),
      headersMs: timeouts.headersMs.default(60_000),
      responseMs: timeouts.responseMs.default(300_000),
      firstContentMs: timeouts.firstContentMs.default(120_000),
      idleMs: timeouts.idleMs.default(60_000),
      keepAliveOnlyMs: timeouts.keepAliveOnlyMs.default(300_000),
      totalMs: timeouts.totalMs.default(600_000),
      /** Other limits for one provider ("openai") or one model ("openai/o1"). */
      for: z.record(z.string(), z.strictObject(timeouts).partial()).default({}),
    })
    .prefault({}),
  /** How many requests may be answered at a time; more are refused at once. */
  concurrency: z
    .strictObject({
      max: z.int().min(1).max(1_000_000).default(4_096),
      /** Of one provider: one that hangs leaves room for the others. */
      maxPerProvider: z.int().min(1).max(1_000_000).default(3_072),
    })
    .prefault({}),
  connections: z
    .strictObject({
      /** Most connections to one origin. A call beyond them waits for a free one, as long as `connectMs`. */
      perOrigin: z.int().min(1).max(65_535).default(4_096),
      /** How long an idle connection is kept, unless the server says less. */
      keepAliveMs: milliseconds.default(60_000),
    })
    .prefault({}),
  /** Asking again when nobody else is left to ask. */
  retries: z
    .strictObject({
      /** How often one call may wait and ask again. */
      max: z.int().min(0).max(10).default(2),
      /** Bound of the first wait, which is anything below it; it doubles up to `maxMs`. */
      baseMs: milliseconds.default(500),
      maxMs: milliseconds.default(8_000),
      /** The longest wait that a provider may ask for. */
      maxRetryAfterMs: z.int().min(0).default(20_000),
      /** Of each provider: repeats in hand after a quiet minute, and what each call adds to them. */
      budget: z
        .strictObject({
          burst: z.number().min(0).max(10_000).default(10),
          ratio: z.number().min(0).max(1).default(0.1),
        })
        .prefault({}),
    })
    .prefault({}),
  /** How long a key rests where the provider does not say. */
  cooldowns: z
    .strictObject({
      rateLimitMs: cooldown.default(10_000),
      authenticationMs: cooldown.default(60_000),
      billingMs: cooldown.default(300_000),
      /** The longest cooldown that a provider's Retry-After may cause. */
      maxMs: cooldown.default(600_000),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      /** Failures in a row that open it. */
      failures: z.int().min(1).max(1_000).default(5),
      openMs: milliseconds.default(10_000),
      maxOpenMs: milliseconds.default(60_000),
    })
    .prefault({}),
  images: z
    .strictObject({
      /** Fetch images by URL for providers that take none; off, such a request is refused. */
      fetch: z.boolean().default(false),
    })
    .prefault({}),
  providers: z.record(id, provider).default({}),
  /** USD per million tokens, by "provider/model". They win over all that Parley knows. */
  prices: z.record(z.string(), ownPrice).default({}),
  /** Targets under one name: "route/fast". */
  routes: z.record(id, route).default({}),
});

/** Exactly as browsers write it into `Origin`: no path, no slash at the end. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

export type FileConfig = z.output<typeof fileSchema>;
export type CustomProvider = z.output<typeof customProvider>;
