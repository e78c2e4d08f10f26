import { createHash } from 'node:crypto';
import { z } from 'zod';
import { variable } from './env-names.ts';

/** The `callers` and `jwt` settings of `parley.yaml`. */

export const callerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'Use letters, digits, ".", "_" and "-"')
  .max(64);

const ofNothing = createHash('sha256').digest('hex');

const sha256 = z
  .string('Expected the SHA-256 of a key, in quotes')
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, 'Expected the SHA-256 of a key, 64 hexadecimal digits; "parley keys new NAME" makes both')
  .refine(
    (digest) => digest !== ofNothing,
    'This is the SHA-256 of an empty string; "parley keys new NAME" makes a key',
  );

/** `null` removes a limit that applies to all callers. */
const limit = (schema: z.ZodNumber) => schema.nullable().optional();
const count = z.int().min(1);

/** Limits of a caller; docs/limits.md explains how each is counted. */
export const callerLimits = z.strictObject({
  requestsPerMinute: limit(count),
  /** Input and output together. */
  tokensPerMinute: limit(count),
  /** Concurrent streams. */
  concurrentStreams: limit(count),
  /** USD between midnight and midnight, UTC. */
  budgetPerDayUsd: limit(z.number().positive().max(1_000_000)),
  /** Per answer. */
  maxOutputTokens: limit(count),
  /** Per request. */
  maxInputBytes: limit(count),
});

/** Streams that outlive the connection of their client; docs/streaming.md explains the policies. */
export const keepLimits = z.strictObject({
  /** Policies of `ChatInput.onDisconnect` besides STOP. `[]` forbids both. */
  allow: z.array(z.enum(['wait', 'finish'])),
  /** Running streams of one caller that are kept, from 1. */
  maxStreams: z.int().min(1).max(100_000),
  /** Text of all kept streams of one caller, in bytes of memory, from 10,000. */
  maxBytes: z.int().min(10_000),
});

/** Permissions of a caller, however it authenticates. */
const permissions = {
  /** "provider/model", "provider/*", "route/name" or "route/*". Default: every model. */
  models: z
    .array(z.string().regex(/^[^\s/*]+\/(\*|[^\s*]+(\/\*)?)$/, 'Expected "provider/model" or "provider/*"'))
    .min(1)
    .optional(),
  /** Only documents of graphql.persistedOperations may run. */
  persistedOnly: z.boolean().default(false),
  /** Whether it may send `providerOptions`. Default: unless it is `persistedOnly`. */
  allowProviderOptions: z.boolean().optional(),
  /** These override the limits for all callers. */
  limits: callerLimits.default({}),
  /** These override `resume` for all callers. */
  resume: keepLimits.partial().default({}),
};

/** May introspect the schema, as admins may: for editors, code generators and checks. */
const introspection = z.boolean().default(false);

export const callers = z
  .array(z.strictObject({ name: callerName, sha256, ...permissions, admin: z.boolean().default(false), introspection }))
  .default([])
  .superRefine((all, context) => {
    for (const [index, { name, sha256 }] of all.entries()) {
      const before = all.slice(0, index);
      const path = (field: string) => ({ path: [index, field] });
      if (before.some((one) => one.name === name)) {
        context.addIssue({ code: 'custom', message: 'Another caller has this name', ...path('name') });
      }
      if (before.some((one) => one.sha256 === sha256)) {
        context.addIssue({ code: 'custom', message: 'Another caller has this key', ...path('sha256') });
      }
    }
  });

export const symmetricAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
export const asymmetricAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const keySources = ['jwksUrl', 'publicKeyEnv', 'secretEnv'] as const;

export const jwt = z
  .strictObject({
    /** URL of the issuer's JWKS, fetched again periodically. */
    jwksUrl: z.url({ protocol: /^https?$/, error: 'Expected an https URL' }).optional(),
    /** Variable that holds a public key in PEM. */
    publicKeyEnv: variable.optional(),
    /** Variable that holds a shared secret. */
    secretEnv: variable.optional(),
    issuer: z.string().min(1),
    audience: z.string().min(1),
    /** Claim that identifies the caller. */
    callerClaim: z.string().min(1).default('sub'),
    algorithms: z
      .array(z.enum([...symmetricAlgorithms, ...asymmetricAlgorithms]))
      .min(1)
      .optional(),
    /** Tolerated clock difference between issuer and gateway. */
    clockToleranceSeconds: z.int().min(0).max(300).default(30),
    ...permissions,
  })
  .superRefine((rules, context) => {
    const given = keySources.filter((source) => rules[source] !== undefined);
    if (given.length !== 1) context.addIssue(`Give exactly one of ${keySources.join(', ')}`);
    // A public key used as a shared secret would let anyone sign tokens.
    const fitting: readonly string[] = rules.secretEnv === undefined ? asymmetricAlgorithms : symmetricAlgorithms;
    for (const [index, algorithm] of rules.algorithms?.entries() ?? []) {
      if (fitting.includes(algorithm)) continue;
      const message = `Is no algorithm for ${given[0] ?? 'this key'}; use ${fitting.join(', ')}`;
      context.addIssue({ code: 'custom', message, path: ['algorithms', index] });
    }
  });

export type LimitSettings = z.output<typeof callerLimits>;
export type KeepSettings = z.output<typeof permissions.resume>;
export type CallerKey = z.output<typeof callers>[number];
export type JwtConfig = z.output<typeof jwt>;
