import type { EmbeddingsAdapter } from '../../core/adapter.ts';
import type { EmbedItem, EmbedTaskType } from '../../core/embed.ts';
import { imageDataOf, textsOf, withoutUser } from '../embed-options.ts';
import { inputUsage } from '../input-usage.ts';
import { array, object, tokenCount } from '../read-json.ts';
import { readVectors } from '../vectors.ts';
import { decodeFailure } from './decode-error.ts';

const taskTypes: Readonly<Record<EmbedTaskType, string>> = {
  query: 'RETRIEVAL_QUERY',
  document: 'RETRIEVAL_DOCUMENT',
  similarity: 'SEMANTIC_SIMILARITY',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
};

/** Models since gemini-embedding-2 take images, too (ai.google.dev/gemini-api/docs/embeddings). */
function isTextOnly(model: string): boolean {
  return model.startsWith('text-embedding') || model === 'gemini-embedding-001' || model === 'embedding-001';
}

function toParts(item: EmbedItem): readonly object[] {
  if (typeof item === 'string') return [{ text: item }];
  return item.map((part) => {
    if (part.type === 'text') return { text: part.text };
    const { mediaType: mimeType, data } = imageDataOf(part);
    return { inlineData: { mimeType, data } };
  });
}

/** `models/{model}:batchEmbedContents` (ai.google.dev/api/embeddings): at most 100 texts. It may report no usage. */
export const embeddings: EmbeddingsAdapter = {
  maxInputs: 100,
  codecFor: ({ provider, model }) => ({
    wire: 'batchEmbedContents',
    ...(!isTextOnly(model) && { dataOnly: ['image'] }),
    encode(request) {
      const { dimensions, taskType } = request;
      const input = isTextOnly(model) ? textsOf(request, provider) : request.input;
      const requests = input.map((item) => ({
        ...{ model: `models/${model}`, content: { parts: toParts(item) } },
        ...(taskType !== undefined && { taskType: taskTypes[taskType] }),
        ...(dimensions !== undefined && { outputDimensionality: dimensions }),
      }));
      const path = `/models/${encodeURIComponent(model)}:batchEmbedContents`;
      return { path, body: { requests }, warnings: withoutUser(request, provider) };
    },
    decode(body) {
      const { embeddings: list, usageMetadata } = object(body);
      return {
        model: undefined,
        vectors: readVectors(
          provider,
          array(list).map((one) => object(one)['values']),
        ),
        usage: inputUsage(tokenCount(object(usageMetadata)['promptTokenCount'])),
      };
    },
    decodeFailure,
  }),
};
