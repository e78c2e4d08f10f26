import { createHash } from 'node:crypto';
import { z } from 'zod';
import { variable } from './env-names.ts';

/** Who may ask, and what: the `callers` and `jwt` of `parley.yaml`. */

export const callerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'Use letters, digits, ".", "_" and "-"')
  .max(64);

const ofNothing = createHash('sha256').digest('hex');

const sha256 = z
  .string('Expected the SHA-256 of a key, in quotes')
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, 'Expected the SHA-256 of a key, 64 hexadecimal digits; "parley keys new NAME" makes both')
  .refine((digest) => digest !== ofNothing, 'Is the SHA-256 of nothing; "parley keys new NAME" makes a key');

/** `null` lifts a limit that all others have. */
const limit = (schema: z.ZodNumber) => schema.nullable().optional();
const count = z.int().min(1);

/** How much a caller may have; docs/limits.md tells how each is counted. */
export const callerLimits = z.strictObject({
  requestsPerMinute: limit(count),
  /** Input and output together. */
  tokensPerMinute: limit(count),
  /** Streams that are open at one time. */
  concurrentStreams: limit(count),
  /** USD between midnight and midnight, UTC. */
  budgetPerDayUsd: limit(z.number().positive().max(1_000_000)),
  /** Of one answer. */
  maxOutputTokens: limit(count),
  /** Of one request. */
  maxInputBytes: limit(count),
});

/** What a caller may do, however it says who it is. */
const permissions = {
  /** An id, "provider/*", "route/name" or "route/*". Default: every model. */
  models: z
    .array(z.string().regex(/^[^\s/*]+\/(\*|[^\s*]+(\/\*)?)$/, 'Expected "provider/model" or "provider/*"'))
    .min(1)
    .optional(),
  /** Only documents of graphql.persistedOperations. */
  persistedOnly: z.boolean().default(false),
  /** Before those that all callers have. */
  limits: callerLimits.default({}),
};

export const callers = z
  .array(z.strictObject({ name: callerName, sha256, ...permissions, admin: z.boolean().default(false) }))
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
    /** Where the keys of the issuer are fetched, again and again. */
    jwksUrl: z.url({ protocol: /^https?$/, error: 'Expected an https URL' }).optional(),
    /** The variable that holds a public key in PEM. */
    publicKeyEnv: variable.optional(),
    /** The variable that holds a shared secret. */
    secretEnv: variable.optional(),
    issuer: z.string().min(1),
    audience: z.string().min(1),
    /** The claim that tells callers apart. */
    callerClaim: z.string().min(1).default('sub'),
    algorithms: z
      .array(z.enum([...symmetricAlgorithms, ...asymmetricAlgorithms]))
      .min(1)
      .optional(),
    /** How far the clocks of issuer and gateway may differ. */
    clockToleranceSeconds: z.int().min(0).max(300).default(30),
    ...permissions,
  })
  .superRefine((rules, context) => {
    const given = keySources.filter((source) => rules[source] !== undefined);
    if (given.length !== 1) context.addIssue(`Give exactly one of ${keySources.join(', ')}`);
    // A public key taken for a shared secret would let everybody sign.
    const fitting: readonly string[] = rules.secretEnv === undefined ? asymmetricAlgorithms : symmetricAlgorithms;
    for (const [index, algorithm] of rules.algorithms?.entries() ?? []) {
      if (fitting.includes(algorithm)) continue;
      const message = `Is no algorithm for ${given[0] ?? 'this key'}; use ${fitting.join(', ')}`;
      context.addIssue({ code: 'custom', message, path: ['algorithms', index] });
    }
  });

export type LimitSettings = z.output<typeof callerLimits>;
export type CallerKey = z.output<typeof callers>[number];
export type JwtConfig = z.output<typeof jwt>;
