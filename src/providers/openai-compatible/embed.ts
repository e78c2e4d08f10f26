import type { EmbeddingsAdapter, UpstreamFailure } from '../../core/adapter.ts';
import type { EmbedRequest } from '../../core/embed.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Target } from '../../core/model.ts';
import { toFailure } from '../decode-error.ts';
import { textsOf, withoutTaskType, withoutUser } from '../embed-options.ts';
import { inputUsage } from '../input-usage.ts';
import { array, nonEmptyString, object, tokenCount } from '../read-json.ts';
import { readVectors } from '../vectors.ts';

/** What is peculiar to one provider's embeddings. Defaults are OpenAI's. */
export type EmbeddingsProfile = {
  /** The most texts that one request takes. */
  readonly maxInputs: number;
  /** Default: `dimensions`. */
  readonly dimensionsField?: string;
  /** `false` where unknown fields are refused. */
  readonly takesUser?: false;
};

type Provider = { readonly id: string; readonly toFailure?: (failure: UpstreamFailure) => GatewayError | undefined };

export function createEmbeddings({ id, toFailure: own }: Provider, profile: EmbeddingsProfile): EmbeddingsAdapter {
  return {
    maxInputs: profile.maxInputs,
    codecFor: (target) => ({
      wire: 'Embeddings',
      encode: (request) => encode(request, target, profile),
      decode(body) {
        const { data, model, usage } = object(body);
        // The order of the list is not promised.
        const items = array(data).map(object);
        const ordered = items.toSorted((a, b) => (tokenCount(a['index']) ?? 0) - (tokenCount(b['index']) ?? 0));
        const { prompt_tokens: prompt, total_tokens: total } = object(usage);
        return {
          model: nonEmptyString(model),
          vectors: readVectors(
            id,
            ordered.map(({ embedding }) => embedding),
          ),
          usage: inputUsage(tokenCount(prompt) ?? tokenCount(total)),
        };
      },
      decodeFailure: (failure) => own?.(failure) ?? toFailure(id, failure),
    }),
  };
}

function encode(request: EmbedRequest, { provider, model }: Target, profile: EmbeddingsProfile) {
  const { dimensions, user } = request;
  const { dimensionsField = 'dimensions', takesUser } = profile;
  return {
    path: '/embeddings',
    body: {
      ...{ model, input: textsOf(request, provider), encoding_format: 'float' },
      ...(dimensions !== undefined && { [dimensionsField]: dimensions }),
      ...(user !== undefined && takesUser !== false && { user }),
    },
    warnings: [...withoutTaskType(request, provider), ...(takesUser === false ? withoutUser(request, provider) : [])],
  };
}
