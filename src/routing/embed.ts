import type { ProviderAdapter } from '../core/adapter.ts';
import type { Caller } from '../core/caller.ts';
import type { Embeddings, EmbedRequest, ProviderEmbeddings } from '../core/embed.ts';
import { GatewayError } from '../core/errors.ts';
import type { CallOptions } from '../core/gateway.ts';
import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import { chatLimits } from '../core/message.ts';
import { joinAnswers, togetherWith } from '../core/together.ts';
import { type AttemptContext, fetchWhole } from './attempt.ts';
import { embedOperation } from './embed-operation.ts';
import type { Metering } from './metering.ts';
import { withModelIds } from './model-names.ts';

type EmbedAttempt = AttemptContext<EmbedRequest, ProviderEmbeddings>;

/** Runs an attempt at the vectors of one batch. */
export function createEmitEmbeddings({ succeeded, newId }: Pick<Metering, 'succeeded'> & { newId: () => string }) {
  return async function emitEmbeddings(attempt: EmbedAttempt): Promise<Embeddings> {
    const { answer, status, warnings } = await fetchWhole(attempt);
    const { target, client } = attempt;
    const { model = target.model, vectors } = answer;
    const id = newId();
    const response = { id, model, finishReason: undefined };
    const ended = succeeded(attempt, answer, { status, warnings, firstTokenMs: undefined, response });
    return { id, provider: target.provider, model, isSandbox: client.connection.isSandbox, vectors, ...ended };
  };
}

export type EmbedParts = {
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  /** The id that a caller's name for a model stands for. */
  readonly toModelId: (name: string) => string;
  /** Embeds one batch. */
  readonly embedBatch: (input: unknown, options: CallOptions) => Promise<Embeddings>;
  readonly newId: () => string;
};

/** Batches of one request that run at once: the others of its caller and of other callers have room beside them. */
const concurrentBatches = 4;
/** What all providers take. Routes may lead to any. */
const smallestBatch = 10;

/** Splits texts into what one request of a provider takes, and joins the answers. The first failure stops all. */
export function createEmbed({ adapters, toModelId, embedBatch, newId }: EmbedParts) {
  return async function embed(input: unknown, options: CallOptions): Promise<Embeddings> {
    const size = batchSize(input);
    const { input: texts, items }: JsonObject = isJsonObject(input) ? input : {};
    const field = Array.isArray(items) ? 'items' : 'input';
    const list: readonly unknown[] = Array.isArray(items) ? items : Array.isArray(texts) ? texts : [];
    if (list.length <= size || !isAllowed(input, options.caller)) return embedBatch(input, options);
    return embedAll(split(Object(input), field, list, size), options);
  };

  async function embedAll(batches: readonly JsonObject[], options: CallOptions): Promise<Embeddings> {
    const together = togetherWith(options);
    const { callId = newId() } = options;
    const answers: Embeddings[] = [];
    let next = 0;

    async function work(): Promise<void> {
      for (let index = next++; index < batches.length; index = next++) {
        const batch = batches[index];
        const own = index === 0 ? callId : `${callId}-${index}`;
        answers[index] = await embedBatch(batch, { ...together.options, callId: own });
      }
    }
    const workers = Array.from({ length: Math.min(concurrentBatches, batches.length) }, work);
    try {
      await Promise.all(workers);
    } catch (thrown) {
      next = batches.length;
      together.stop(new GatewayError('CANCELLED', 'Another batch of this request failed.'));
      await Promise.allSettled(workers);
      throw thrown;
    }
    return {
      ...joinAnswers(answers as [Embeddings, ...Embeddings[]]),
      vectors: answers.flatMap(({ vectors }) => vectors),
    };
  }

  /** Whether the whole may be sent. If not, the pipeline refuses it as one request. */
  function isAllowed(input: unknown, { limits }: Caller): boolean {
    try {
      embedOperation.checkSize(embedOperation.parse(withModelIds(input, toModelId)), limits);
      return true;
    } catch {
      return false;
    }
  }

  function split(
    input: JsonObject,
    field: 'input' | 'items',
    list: readonly unknown[],
    size: number,
  ): readonly JsonObject[] {
    const { requestId } = input;
    return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => ({
      ...input,
      [field]: list.slice(index * size, (index + 1) * size),
      // Each batch has an idempotency key of its own.
      ...(typeof requestId === 'string' && index > 0 && { requestId: `${requestId}#${index}` }),
    }));
  }

  /** What all of the named providers take. The request is not validated yet. */
  function batchSize(input: unknown): number {
    const { provider, model, fallbacks } = Object(withModelIds(input, toModelId)) as JsonObject;
    const first = typeof provider === 'string' ? `${provider}/` : model;
    const others = Array.isArray(fallbacks) ? fallbacks.slice(0, chatLimits.fallbacks) : [];
    return Math.min(...[first, ...others].map(sizeOf));
  }

  function sizeOf(model: unknown): number {
    const [provider = ''] = typeof model === 'string' ? model.split('/', 1) : [];
    return adapters.get(provider)?.embeddings?.maxInputs ?? smallestBatch;
  }
}
