import { z } from 'zod';
import type { ServiceTier, TargetParameters } from './chat.ts';
import type { Warning } from './completion.ts';
import type { FailureCode } from './errors.ts';
import { type OutputModality, outputModalities } from './output-modalities.ts';
import { type ServerToolName, serverToolNames } from './server-tools.ts';

/** Facts about models. Unknown facts are absent, never "no". */

export const modalities = ['text', 'image', 'audio', 'video', 'pdf'] as const;
export type Modality = (typeof modalities)[number];
export const modelStatuses = ['active', 'deprecated', 'retired', 'unknown'] as const;
/** Weakest first: a model that follows a schema can also write plain JSON. */
export const structuredOutputs = ['none', 'json_object', 'json_schema'] as const;

/** APIs that a provider may offer side by side: some of its models need one, some the other. */
export const apis = ['chat-completions', 'responses'] as const;
export type Api = (typeof apis)[number];

/** YYYY-MM-DD, or YYYY-MM where no source has the day. */
const day = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/);
const tokens = z.int().positive();

/** USD per million tokens, base tier; `source` and `asOf` say where and when it was read. */
export const pricing = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cachedInput: z.number().nonnegative().optional(),
  cacheWrite: z.number().nonnegative().optional(),
  /** Searches of the provider's own tool, in USD per thousand. */
  webSearch: z.number().nonnegative().optional(),
  /** How many times the list price a service tier costs, by the provider's word for it. */
  serviceTiers: z.record(z.string(), z.number().nonnegative()).optional(),
  source: z.string(),
  asOf: day,
});

export const modelFacts = z.strictObject({
  provider: z.string().min(1),
  /** The provider's id of the model. */
  name: z.string().min(1),
  displayName: z.string().optional(),
  family: z.string().optional(),
  /** One of the 103 models promised in the first release. */
  seed: z.literal(true).optional(),
  contextWindow: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  inputModalities: z.array(z.enum(modalities)).optional(),
  /** What it writes besides text. */
  outputModalities: z.array(z.enum(outputModalities)).optional(),
  tools: z.boolean().optional(),
  /** The tools that its provider runs for it. */
  serverTools: z.array(z.enum(serverToolNames)).optional(),
  structuredOutput: z.enum(structuredOutputs).optional(),
  /** `false`: no reasoning. Without `efforts`: reasons, but accepts no effort value. */
  reasoning: z.union([z.literal(false), z.strictObject({ efforts: z.array(z.string()).optional() })]).optional(),
  streaming: z.boolean().optional(),
  /** `false`: refuses temperature, topP and the penalties. */
  sampling: z.boolean().optional(),
  /** Accepts sampling parameters when reasoning is off. */
  samplingWithoutReasoning: z.boolean().optional(),
  /** `false`: Chat Completions refuses tools together with reasoning. */
  toolsWithReasoning: z.boolean().optional(),
  /** The API it needs, where its provider has more than one. */
  api: z.enum(apis).optional(),
  /** Facts that only the codecs of a wire read; they define them (`providers/wire-facts.ts`). */
  wire: z.record(z.string(), z.string()).optional(),
  status: z.enum(modelStatuses).default('unknown'),
  released: day.optional(),
  /** May be in the future: an announced retirement. */
  retired: day.optional(),
  pricing: pricing.optional(),
});

export type ModelFacts = Readonly<z.output<typeof modelFacts>>;
export type Pricing = Readonly<z.output<typeof pricing>>;

/** One provider and model. A model without `facts` is unknown to the catalogue, which is no reason to refuse it. */
export type Target = {
  readonly provider: string;
  readonly model: string;
  readonly facts: ModelFacts | undefined;
  /** A route's parameters for what the request leaves open. */
  readonly parameters?: TargetParameters;
  /** Warnings about these parameters for the caller. */
  readonly warnings?: readonly Warning[];
};

/** How a provider is reached: with real keys, by the sandbox, or not at all. */
export const providerAccesses = ['real', 'sandbox', 'missing_key'] as const;
export type ProviderAccess = (typeof providerAccesses)[number];

export type Provider = {
  readonly id: string;
  readonly name: string;
  readonly access: ProviderAccess;
};

export const providerStatuses = ['ready', 'cooling_down', 'open', 'sandbox', 'missing_key'] as const;
export type ProviderStatus = (typeof providerStatuses)[number];

/** Why a key is not used at the moment. */
export type KeyCooldown = {
  /** The model it applies to. Undefined: all models. */
  readonly model: string | undefined;
  readonly status: Extract<ProviderStatus, 'cooling_down' | 'open'>;
  readonly availableAt: Date;
  /** The failure that caused it. */
  readonly code: FailureCode;
};

/** The current health of a provider, by its latest responses. */
export type ProviderHealth = {
  readonly status: ProviderStatus;
  /** When a key is available again. Undefined while one is. */
  readonly availableAt: Date | undefined;
  readonly keys: readonly { readonly name: string; readonly cooldowns: readonly KeyCooldown[] }[];
};

/** The first part of a route's id. No provider can have this name. */
export const routePrefix = 'route';

/** Targets under one name, requested as "route/name". */
export type Route = {
  readonly name: string;
  /** In order, or drawn by weight where they have weights. */
  readonly targets: readonly RouteTarget[];
};

/** The id that `model` of a request takes. */
export function routeId({ name }: Route): string {
  return `${routePrefix}/${name}`;
}

export type RouteTarget = {
  /** "provider/model" */
  readonly model: string;
  readonly weight: number | undefined;
  readonly parameters: TargetParameters;
};

/** What the codec of a model sends on of the options that not all models have. */
export type SupportedOptions = {
  /** Media that it takes as data. */
  readonly media: readonly Modality[];
  readonly serverTools: readonly ServerToolName[];
  readonly outputModalities: readonly OutputModality[];
  readonly serviceTiers: readonly ServiceTier[];
  /** Options of ChatInput, by name, that are sent and not left out. */
  readonly options: ReadonlySet<string>;
  /** Whether prompts can have breakpoints. */
  readonly cacheBreakpoints: boolean;
};

/** A catalogue model as this gateway offers it. `id` is the value for `ChatInput.model`. */
export type Model = {
  readonly id: string;
  readonly facts: ModelFacts;
  readonly provider: Provider;
  /** Found out when it is first asked for. */
  readonly supported: SupportedOptions;
  /** From the price list that answers are charged by. It may change with the time of day. */
  readonly pricing: Pricing | undefined;
};
