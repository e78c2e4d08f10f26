import type { EmbeddingsAdapter } from '../../core/adapter.ts';
import type { EmbedItem, EmbedTaskType } from '../../core/embed.ts';
import { imageDataOf, textsOf, withoutUser } from '../embed-options.ts';
import { inputUsage } from '../input-usage.ts';
import { array, object, tokenCount } from '../read-json.ts';
import { readVectors } from '../vectors.ts';
import { decodeFailure } from './decode-error.ts';

/** Required by all models since v3. */
const inputTypes: Readonly<Record<EmbedTaskType, string>> = {
  query: 'search_query',
  document: 'search_document',
  similarity: 'search_document',
  classification: 'classification',
  clustering: 'clustering',
};

/** Texts and images side by side, since v4. */
function takesImages(model: string): boolean {
  return !/-v[23]\./.test(model);
}

function toInput(item: EmbedItem): object {
  const parts = typeof item === 'string' ? [{ type: 'text' as const, text: item }] : item;
  return {
    content: parts.map((part) => {
      if (part.type === 'text') return part;
      imageDataOf(part);
      return { type: 'image_url', image_url: { url: part.url } };
    }),
  };
}

/** `POST /v2/embed` (docs.cohere.com/reference/embed): at most 96 texts. */
export const embeddings: EmbeddingsAdapter = {
  maxInputs: 96,
  codecFor: ({ provider, model }) => ({
    wire: 'Embed v2',
    ...(takesImages(model) && { dataOnly: ['image'] }),
    encode(request) {
      const { input, dimensions, taskType } = request;
      const isMixed = takesImages(model) && input.some((item) => typeof item !== 'string');
      const body = {
        ...(isMixed ? { inputs: input.map(toInput) } : { texts: textsOf(request, provider) }),
        ...{ model, input_type: inputTypes[taskType ?? 'document'], embedding_types: ['float'] },
        ...(dimensions !== undefined && { output_dimension: dimensions }),
      };
      return { path: '/embed', body, warnings: withoutUser(request, provider) };
    },
    decode(body) {
      const { embeddings: vectors, meta } = object(body);
      return {
        model: undefined,
        vectors: readVectors(provider, array(object(vectors)['float'])),
        usage: inputUsage(tokenCount(object(object(meta)['billed_units'])['input_tokens'])),
      };
    },
    decodeFailure,
  }),
};
