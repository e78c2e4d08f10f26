import { z } from 'zod';
import './validation-messages.ts';
import { modelName, readInput, toInvalidRequest } from './chat.ts';
import type { Provenance, Usage, Warning } from './completion.ts';
import type { Issue } from './errors.ts';
import { isJsonObject } from './json-object.ts';
import { imageInput, type MediaPart } from './media.ts';
import { chatLimits, id } from './message.ts';
import type { Pricing, ProviderAccess } from './model.ts';
import { optional } from './optional.ts';

/** Embeddings: texts become vectors. One schema for all faces, as for chat. */

/** What the vectors are for. Models that distinguish it embed a question otherwise than the texts that answer it. */
export const embedTaskTypes = ['query', 'document', 'similarity', 'classification', 'clustering'] as const;
export type EmbedTaskType = (typeof embedTaskTypes)[number];

export const embedLimits = { inputs: 2_048, dimensions: 16_384, parts: 16 } as const;

const text = z.string().min(1, 'An empty text has no vector');
const part = z
  .strictObject({ text: optional(text), image: optional(imageInput) })
  .transform(({ text: given, image }, context): EmbedPart => {
    if ((given === undefined) === (image === undefined)) context.addIssue('Give exactly one of "text" and "image"');
    return image ?? { type: 'text', text: given ?? '' };
  });

/** A part of what one vector stands for. */
export type EmbedPart = { readonly type: 'text'; readonly text: string } | MediaPart;
/** What one vector stands for: a text, or texts and images together. */
export type EmbedItem = string | readonly EmbedPart[];

const shape = z.strictObject({
  model: modelName,
  provider: optional(z.string().min(1).max(chatLimits.name)),
  input: optional(z.array(text).min(1, 'At least one text is needed')),
  items: optional(
    z
      .array(z.strictObject({ parts: z.array(part).min(1).max(embedLimits.parts) }))
      .min(1, 'At least one item is needed'),
  ),
  dimensions: optional(z.int().min(1).max(embedLimits.dimensions)),
  taskType: optional(z.enum(embedTaskTypes)),
  fallbacks: optional(z.array(modelName).max(chatLimits.fallbacks)),
  user: optional(z.string().max(chatLimits.id)),
  requestId: optional(id),
});

export type EmbedRequest = Omit<Readonly<z.output<typeof shape>>, 'input' | 'items'> & {
  readonly input: readonly EmbedItem[];
};

/** A model of the catalogue of embeddings. */
export type EmbeddingModelFacts = {
  readonly provider: string;
  /** The provider's id of the model. */
  readonly name: string;
  /** Length of its vectors where none is requested. */
  readonly dimensions: number;
  /** Whether it takes `dimensions`. */
  readonly isShortened: boolean;
  /** Tokens of one text. */
  readonly maxInputTokens: number;
  /** Whether it takes images, too. Default: no. */
  readonly takesImages?: true;
};

/** The same as this gateway offers it. */
export type EmbeddingModel = EmbeddingModelFacts & {
  /** The value for `model`. */
  readonly id: string;
  readonly access: ProviderAccess;
  /** Undefined where it is not known. */
  readonly pricing: Pricing | undefined;
};

/** Vectors as a codec decodes them, in the order of the texts. */
export type ProviderEmbeddings = {
  readonly model: string | undefined;
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage | undefined;
  readonly warnings?: readonly Warning[];
};

export type Embeddings = Omit<ProviderEmbeddings, 'model' | 'warnings'> &
  Provenance & {
    readonly id: string;
    readonly provider: string;
    readonly model: string;
    readonly isSandbox: boolean;
  };

/** Validates what a face received. Reports every issue at once, each with its path. */
export function parseEmbedRequest(input: unknown): EmbedRequest {
  if (isJsonObject(input)) {
    const { input: texts, items, fallbacks } = input;
    const issues = [
      ...tooLong(texts, 'input', embedLimits.inputs),
      ...tooLong(items, 'items', embedLimits.inputs),
      ...tooLong(fallbacks, 'fallbacks', chatLimits.fallbacks),
    ];
    if (issues.length > 0) throw toInvalidRequest(issues);
  }
  const { input: texts, items, ...request } = readInput(shape, input);
  const issues = [...otherModels(request)];
  if ((texts === undefined) === (items === undefined)) {
    issues.push({ path: 'input', message: 'Give texts in "input", or parts in "items"' });
  }
  if (issues.length > 0) throw toInvalidRequest(issues);
  return { ...request, input: texts ?? items?.map(({ parts }) => parts) ?? [] };
}

function* tooLong(list: unknown, path: string, most: number): Iterable<Issue> {
  if (!Array.isArray(list) || list.length <= most) return;
  yield { path, message: `Too many items: ${list.length}, at most ${most} are allowed` };
}

/** Vectors of two models cannot be compared, so only the same model elsewhere can stand in. */
function* otherModels({ model, fallbacks = [] }: Pick<EmbedRequest, 'model' | 'fallbacks'>): Iterable<Issue> {
  for (const [index, fallback] of fallbacks.entries()) {
    if (bareName(fallback) === bareName(model)) continue;
    const message = 'Expected the same model at another provider: vectors of two models cannot be compared';
    yield { path: `fallbacks[${index}]`, message };
  }
}

/** A model's name without provider and vendor: "bge-m3" of "deepinfra/BAAI/bge-m3". */
function bareName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase();
}
