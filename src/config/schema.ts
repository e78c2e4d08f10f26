import { z } from 'zod';
import '../core/validation-messages.ts';
import { targetParameters } from '../core/chat.ts';
import { apis, modelFacts, pricing } from '../core/model.ts';
import { callerLimits, callers, jwt, keepLimits } from './callers.ts';
import { variable } from './env-names.ts';

/** The schema of `parley.yaml`. docs/configuration.md describes the same in prose. */

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

/** Pins all models of a provider to one API. `auto` decides per model, by the catalogue. */
const api = z.enum([...apis, 'auto']).default('auto');

const customProvider = z.strictObject({
  kind: z.literal('openai-compatible'),
  baseUrl,
  api,
  /** Environment variable with the key, or several keys separated by commas. Omit for a server without keys. */
  apiKeyEnv: variable.optional(),
  /** Display name. Default: the id. */
  name: z.string().min(1).optional(),
  /** Its models write their reasoning into the text as `<think>...</think>`, which is then read as reasoning. */
  inlineThinking: z.boolean().default(false),
  models: z.array(customModel).default([]),
});

/** Settings of a built-in provider. */
const builtInProvider = z.strictObject({ kind: z.undefined().optional(), api });

const provider = z.discriminatedUnion('kind', [customProvider, builtInProvider], {
  error: ({ code }) =>
    code === 'invalid_union' ? 'Expected "openai-compatible", or no kind for a provider that is built in' : undefined,
});

const milliseconds = z.int().min(10).max(86_400_000);

/** Milliseconds. 0: no cooldown. */
const cooldown = z.int().min(0).max(86_400_000);

export const graceMs = z.int().min(0).max(3_600_000);

/** Timeouts towards providers, in milliseconds. A slow client counts for none of them. */
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
        /** Relative share of requests that try this target first. Either all targets have one, or none. */
        weight: z.number().positive().max(1_000_000).optional(),
        /** Parameters for what a request leaves open. */
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
      /** Maximum request body in bytes, from 1,000. */
      maxBodyBytes: z.int().min(1_000).default(8_000_000),
      /** Default: on only for a gateway on the loopback interface without keys. */
      graphiql: z.boolean().optional(),
      /** Accepted names in `Host` besides the machine's own. Default: any, where other machines can connect. */
      hosts: z
        .array(
          z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'Expected a host name in lower case, without a port'),
        )
        .min(1)
        .optional(),
      /** Origins of web pages whose scripts may send requests. Default: none. */
      cors: z.array(z.string().refine(isOrigin, 'Expected an origin, such as https://app.example')).default([]),
      /** How long a client may leave a response unread before its connection is closed, in milliseconds. */
      writeTimeoutMs: z.int().min(100).default(60_000),
      /**
       * Processor time per minute that refused and free requests of one caller (without keys: of one address) may take, in
       * milliseconds. Beyond it the client gets 429.
       */
      freeWorkMsPerMinute: z.int().min(100).default(5_000),
      /**
       * Silence of a stream before a keep-alive comment, in milliseconds. Load balancers close silent connections after
       * 30 to 60 s.
       */
      heartbeatMs: z.int().min(100).default(12_000),
      /** How long an idle connection of a client stays open. Longer than proxies in front keep theirs. */
      keepAliveMs: z.int().min(1_000).max(3_600_000).default(75_000),
      /** Grace period for running requests after the first stop signal, in milliseconds. */
      shutdownGraceMs: graceMs.default(25_000),
    })
    .prefault({}),
  logLevel: z.enum(logLevels).optional(),
  graphql: z
    .strictObject({
      /** Maximum `chat` and `chatStream` fields per document, fragments included. */
      maxPaidFields: z.int().min(1).max(100).default(4),
      /** Maximum root fields per operation, aliases and fragments included. */
      maxRootFields: z.int().min(1).max(1_000).default(20),
      /** Maximum selection depth. Introspection does not count. */
      maxDepth: z.int().min(1).max(100).default(8),
      /** Maximum fields that an operation may resolve, each multiplied by the length of the lists around it. */
      maxComplexity: z.int().min(1).default(20_000),
      /** Whether every caller may introspect the schema. Default: only on the loopback interface without keys. */
      introspection: z.boolean().optional(),
      /** Whether the gateway is a subgraph of Apollo Federation 2: `_service` and `_entities` for routers. */
      federation: z.boolean().default(false),
      /** Most operations of a batch, a JSON array (Apollo's BatchHttpLink). 0: batches are refused. */
      maxBatch: z.int().min(0).max(100).default(0),
      /**
       * Whether a document that a client sent with its SHA-256 may be sent by the hash alone from then on (Apollo's automatic
       * persisted queries). Never for callers with persistedOnly.
       */
      automaticPersistedQueries: z.boolean().default(true),
      /** File of documents that may be run by their hash. */
      persistedOperations: z.string().min(1).optional(),
    })
    .prefault({}),
  callers,
  jwt: jwt.optional(),
  /** Limits of each caller without limits of its own, keyed or not. */
  limits: callerLimits.default({}),
  /** Streams that outlive the connection of their client (`ChatInput.onDisconnect`). Limits are those of each caller. */
  resume: z
    .strictObject({
      /** How long a stream with WAIT goes on without a client, in milliseconds. */
      graceMs: z.int().min(0).max(3_600_000).default(30_000),
      /** How long the answer of a stream with FINISH is kept after its end, in milliseconds. */
      keepMs: z.int().min(0).max(86_400_000).default(600_000),
      allow: keepLimits.shape.allow.default(['wait', 'finish']),
      maxStreams: keepLimits.shape.maxStreams.default(100),
      maxBytes: keepLimits.shape.maxBytes.default(16_000_000),
      /** Text of all kept streams of all callers, in bytes of memory. Default: an eighth of the heap limit. */
      totalBytes: z.int().min(10_000).optional(),
    })
    .prefault({}),
  /** While the Redis of PARLEY_REDIS_URL is unavailable: the share of each limit that one process grants alone. */
  redis: z
    .strictObject({
      localShare: z.number().positive().max(1).default(0.5),
      localBudgetShare: z.number().min(0).max(1).default(0.02),
    })
    .prefault({}),
  /** Default: /metrics on the server's port, for admins. */
  metrics: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      /** A separate port without authentication. */
      port: z.int().min(0).max(65_535),
    })
    .optional(),
  traces: z
    .strictObject({
      /** Whether providers get the trace headers (W3C Trace Context). */
      propagate: z.boolean().default(false),
    })
    .prefault({}),
  sandbox: z
    .strictObject({
      /** Delay before the first token, in milliseconds. */
      firstTokenMs: z.number().min(0).max(60_000).default(250),
      /** Pace of a streamed answer in tokens per second. 0: no delay. */
      tokensPerSecond: z.number().min(0).max(10_000).default(40),
      /** Whether retired models are refused, as by their providers. */
      refuseRetired: z.boolean().default(true),
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
      /** Overrides for one provider ("openai") or one model ("openai/o1"). */
      for: z.record(z.string(), z.strictObject(timeouts).partial()).default({}),
    })
    .prefault({}),
  /** Maximum concurrent requests; more are refused at once. */
  concurrency: z
    .strictObject({
      max: z.int().min(1).max(1_000_000).default(4_096),
      /** Per provider: a provider that hangs leaves room for the others. */
      maxPerProvider: z.int().min(1).max(1_000_000).default(3_072),
      /**
       * Maximum open WebSockets and event streams of the single connection mode; one caller may have a quarter of them. 0: none
       * is accepted.
       */
      maxConnections: z.int().min(0).max(1_000_000).default(10_000),
      /** Bytes of request bodies in flight; one caller may have a quarter of them. Default: a quarter of the heap limit. */
      bodyBytes: z.int().min(1_000_000).optional(),
    })
    .prefault({}),
  connections: z
    .strictObject({
      /** Maximum connections per origin. Further attempts wait for a free one, up to `connectMs`. */
      perOrigin: z.int().min(1).max(65_535).default(4_096),
      /** Idle time before a connection is closed, unless the server says less. */
      keepAliveMs: milliseconds.default(60_000),
    })
    .prefault({}),
  /** Retries when no other target is left. */
  retries: z
    .strictObject({
      /** How often one request may wait and retry. */
      max: z.int().min(0).max(10).default(2),
      /** Upper bound of the first wait; it doubles up to `maxMs`. The wait is drawn between 0 and the bound. */
      baseMs: milliseconds.default(500),
      maxMs: milliseconds.default(8_000),
      /** The longest Retry-After that a request waits for, in milliseconds. */
      maxRetryAfterMs: z.int().min(0).default(20_000),
      /** Per provider: a token bucket of retries. */
      budget: z
        .strictObject({
          burst: z.number().min(0).max(10_000).default(10),
          ratio: z.number().min(0).max(1).default(0.1),
        })
        .prefault({}),
    })
    .prefault({}),
  /** Cooldown of a key where the provider names no time. */
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
      /** Consecutive failures that open a breaker. */
      failures: z.int().min(1).max(1_000).default(5),
      openMs: milliseconds.default(10_000),
      maxOpenMs: milliseconds.default(60_000),
    })
    .prefault({}),
  images: z
    .strictObject({
      /** Fetches image URLs for providers that take data only. Off: such a request is refused. */
      fetch: z.boolean().default(false),
      /** Accepts image URLs of private addresses and local names, which a self-hosted provider would fetch. */
      allowPrivate: z.boolean().default(false),
    })
    .prefault({}),
  providers: z.record(id, provider).default({}),
  /** USD per million tokens by "provider/model". Overrides every other price source. */
  prices: z.record(z.string(), ownPrice).default({}),
  /** Targets under one name: "route/fast". */
  routes: z.record(id, route).default({}),
  /** Names of models that clients cannot change. */
  models: z
    .strictObject({
      /** From a name, or its beginning and "*", to "provider/model", "provider/*" or "route/name". */
      aliases: z
        .record(
          z
            .string()
            .regex(/^[^*\s]{0,100}\*?$/, 'Expected a name, or its beginning and "*"')
            .min(1),
          z
            .string()
            .regex(/^[^*\s/]+\/[^*\s]*\*?$/, 'Expected "provider/model", "provider/*" or "route/name"')
            .max(256),
        )
        .default({}),
      /** Whether a name without a provider stands for the only provider that has the model. */
      bareNames: z.boolean().default(false),
    })
    .prefault({}),
});

/** The form that browsers send in `Origin`: no path, no trailing slash. */
function isOrigin(text: string): boolean {
  if (text.length > 300 || text.includes('*') || !URL.canParse(text)) return false;
  const { protocol, host, origin } = new URL(text);
  // Apps and browser extensions have origins of their own schemes, which URL calls opaque: "app://obsidian.md".
  const isOwnScheme = origin === 'null' && protocol !== 'file:' && host !== '';
  return isOwnScheme ? text === `${protocol}//${host}` : origin === text;
}

export type FileConfig = z.output<typeof fileSchema>;
export type CustomProvider = z.output<typeof customProvider>;
