import { z } from 'zod';
import { modelFacts } from '../core/model.ts';
import { callers, jwt } from './callers.ts';
import { variable } from './env-names.ts';

/** The whole of `parley.yaml`. docs/configuration.md tells the same in prose. */

const baseUrl = z.url({ protocol: /^https?$/, error: 'Expected an http or https URL' });

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

const customProvider = z.strictObject({
  kind: z.literal('openai-compatible'),
  baseUrl,
  /** The environment variable that holds the key, or several, separated by commas. None for a server without keys. */
  apiKeyEnv: variable.optional(),
  /** How people call it. Default: its id. */
  name: z.string().min(1).optional(),
  models: z.array(customModel).default([]),
});

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
      stalledReaderMs: z.int().min(100).default(60_000),
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
  sandbox: z
    .strictObject({
      /** Wait before the first token, in milliseconds. */
      firstTokenMs: z.number().min(0).max(60_000).default(250),
      /** Pace of a streamed answer. 0 writes it at once. */
      tokensPerSecond: z.number().min(0).max(10_000).default(40),
    })
    .prefault({}),
  /** How long a provider may take, in milliseconds. */
  timeouts: z
    .strictObject({
      firstContentMs: z.int().min(100).default(120_000),
      silenceMs: z.int().min(100).default(60_000),
      pingsMs: z.int().min(100).default(300_000),
      totalMs: z.int().min(100).default(600_000),
    })
    .prefault({}),
  images: z
    .strictObject({
      /** Fetch images by URL for providers that take none; off, such a request is refused. */
      fetch: z.boolean().default(false),
    })
    .prefault({}),
  providers: z
    .record(
      z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and "-"')
        .max(64),
      customProvider,
    )
    .default({}),
});

/** Exactly as browsers write it into `Origin`: no path, no slash at the end. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

export type FileConfig = z.output<typeof fileSchema>;
export type CustomProvider = z.output<typeof customProvider>;
