import type { EmbeddingSize } from './embeddings.ts';
/**
 * What the real providers refuse: unknown and retired models, and more output than a model can write. Each in its
 * provider's own words and status, so that a typo shows up without a key.
 */

/** What the sandbox knows about a model. */
export type SandboxModel = {
  readonly provider: string;
  readonly name: string;
  /** `retired`: its provider answers no more. A deprecated model is answered, perhaps by its successor. */
  readonly status?: string | undefined;
  readonly maxOutputTokens?: number | undefined;
};

export type Refusal = { readonly status: number; readonly body: unknown };

export type SandboxRules = {
  /** For the lengths of vectors. Default: none. */
  readonly embeddingModels?: readonly EmbeddingSize[];
  readonly models: readonly SandboxModel[];
  /** Whether retired models are refused, as by their providers. */
  readonly refusesRetired: boolean;
};

/** Undefined for a request that the provider would accept, and for providers without a list of models. */
export function createRefusals({ models, refusesRetired }: SandboxRules) {
  const known = new Map(models.map((model) => [`${model.provider}/${model.name}`, model]));
  const listed = new Set(models.map(({ provider }) => provider));

  return (provider: string, model: string, maxTokens: number | undefined): Refusal | undefined => {
    if (!listed.has(provider)) return undefined;
    const facts = known.get(`${provider}/${model}`) ?? known.get(`${provider}/${model.replace(/^[^/]+\//, '')}`);
    if (!facts) return notFound(provider, model, 'does not exist');
    const { status, maxOutputTokens } = facts;
    if (refusesRetired && status === 'retired') return notFound(provider, model, 'has been retired');
    if (maxTokens === undefined || maxOutputTokens === undefined || maxTokens <= maxOutputTokens) return undefined;
    const text = `max_tokens is too large: ${maxTokens}. This model supports at most ${maxOutputTokens} output tokens.`;
    return inWordsOf(provider, 400, text, 'invalid_value');
  };
}

function notFound(provider: string, model: string, why: string): Refusal {
  const text = `The model \`${model.slice(0, 200)}\` ${why} (sandbox, by the catalogue).`;
  return inWordsOf(provider, 404, text, 'model_not_found');
}

function inWordsOf(provider: string, status: number, message: string, code: string): Refusal {
  switch (provider) {
    case 'anthropic': {
      const type = status === 404 ? 'not_found_error' : 'invalid_request_error';
      return { status, body: { type: 'error', error: { type, message } } };
    }
    case 'google': {
      const name = status === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT';
      return { status, body: { error: { code: status, message, status: name } } };
    }
    case 'cohere':
      return { status, body: { message } };
    case 'mistral':
      return {
        status: 400,
        body: {
          object: 'error',
          message,
          type: status === 404 ? 'invalid_model' : 'invalid_request_error',
          code: status === 404 ? '1500' : '3051',
        },
      };
    default:
      return {
        status,
        body: {
          error: { message, type: 'invalid_request_error', param: status === 404 ? 'model' : 'max_tokens', code },
        },
      };
  }
}
