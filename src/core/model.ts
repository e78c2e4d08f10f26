import { z } from 'zod';
import type { TargetParameters } from './chat.ts';
import type { Warning } from './completion.ts';
import type { FailureCode } from './errors.ts';

/** Facts about models. What is not known is left out: never taken for "no". */

export const modalities = ['text', 'image', 'audio', 'video', 'pdf'] as const;
export const modelStatuses = ['active', 'deprecated', 'retired', 'unknown'] as const;
/** Weakest first: a model that follows a schema can also write plain JSON. */
export const structuredOutputs = ['none', 'json_object', 'json_schema'] as const;
/** Role that carries instructions. */
export const systemRoles = ['system', 'developer', 'user'] as const;

/** Wires of the OpenAI family. A provider that speaks both has models on either. */
export const apis = ['chat-completions', 'responses'] as const;
export type Api = (typeof apis)[number];

/** YYYY-MM-DD, or YYYY-MM where no source tells the day. */
const day = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/);
const tokens = z.int().positive();

/** USD per million tokens, base tier; `source` and `asOf` say where and when it was read. */
export const pricing = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cachedInput: z.number().nonnegative().optional(),
  cacheWrite: z.number().nonnegative().optional(),
  source: z.string(),
  asOf: day,
});

export const modelFacts = z.strictObject({
  provider: z.string().min(1),
  /** The provider's own id of the model. */
  name: z.string().min(1),
  displayName: z.string().optional(),
  family: z.string().optional(),
  /** Among the 103 models promised from the first day. */
  seed: z.literal(true).optional(),
  contextWindow: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  inputModalities: z.array(z.enum(modalities)).optional(),
  tools: z.boolean().optional(),
  structuredOutput: z.enum(structuredOutputs).optional(),
  /** `false`: does not reason. No `efforts`: reasons, but takes no effort word. */
  reasoning: z.union([z.literal(false), z.strictObject({ efforts: z.array(z.string()).optional() })]).optional(),
  streaming: z.boolean().optional(),
  /** `false`: refuses temperature and its neighbours. */
  sampling: z.boolean().optional(),
  /** Takes sampling parameters after all when reasoning is turned off. */
  samplingWithoutReasoning: z.boolean().optional(),
  /** `false`: Chat Completions refuses tools together with reasoning. */
  toolsWithReasoning: z.boolean().optional(),
  /** The wire that it takes, where its provider has more than one. */
  api: z.enum(apis).optional(),
  maxTokensField: z.literal('max_completion_tokens').optional(),
  systemRole: z.enum(systemRoles).optional(),
  status: z.enum(modelStatuses).default('unknown'),
  released: day.optional(),
  /** May lie in the future: an announced end. */
  retired: day.optional(),
  pricing: pricing.optional(),
});

export type ModelFacts = Readonly<z.output<typeof modelFacts>>;
export type Pricing = Readonly<z.output<typeof pricing>>;

/** One routable pair. A model without `facts` is unknown to the catalogue, which is no reason to refuse it. */
export type Target = {
  readonly provider: string;
  readonly model: string;
  readonly facts: ModelFacts | undefined;
  /** Options of a route, for what the request leaves open. */
  readonly parameters?: TargetParameters;
  /** What the caller is to know about them. */
  readonly warnings?: readonly Warning[];
};

/** How a provider is reached: for real, by the sandbox in its place, or not at all. */
export const providerAccesses = ['real', 'sandbox', 'missing_key'] as const;
export type ProviderAccess = (typeof providerAccesses)[number];

export type Provider = {
  readonly id: string;
  readonly name: string;
  readonly access: ProviderAccess;
};

export const providerStatuses = ['ready', 'cooling_down', 'open', 'sandbox', 'missing_key'] as const;
export type ProviderStatus = (typeof providerStatuses)[number];

/** Why a key is not used for now. */
export type KeyCooldown = {
  /** The one model it is about; all of them, if undefined. */
  readonly model: string | undefined;
  readonly status: Extract<ProviderStatus, 'cooling_down' | 'open'>;
  readonly availableAt: Date;
  /** The failure that led to it. */
  readonly code: FailureCode;
};

/** How a provider is at this moment, as its latest answers told. */
export type ProviderHealth = {
  readonly status: ProviderStatus;
  /** When a key is free again, while none is. */
  readonly availableAt: Date | undefined;
  readonly keys: readonly { readonly name: string; readonly cooldowns: readonly KeyCooldown[] }[];
};

/** What stands before the slash of a route's id. No provider can have this name. */
export const routePrefix = 'route';

/** Targets under one name, asked for as "route/name". */
export type Route = {
  readonly name: string;
  /** In order; or drawn by weight, if they have weights. */
  readonly targets: readonly RouteTarget[];
};

/** What `model` of a request names it by. */
export function routeId({ name }: Route): string {
  return `${routePrefix}/${name}`;
}

export type RouteTarget = {
  /** "provider/model" */
  readonly model: string;
  readonly weight: number | undefined;
  readonly parameters: TargetParameters;
};

/** A model of the catalogue as this gateway offers it. `id` is what `ChatInput.model` takes. */
export type Model = {
  readonly id: string;
  readonly facts: ModelFacts;
  readonly provider: Provider;
  /** By the price list that answers are charged by. It may change with the time of day. */
  readonly pricing: Pricing | undefined;
};
