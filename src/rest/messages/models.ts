import type { ModelObject } from '../wire.ts';

/** The list of models in Anthropic's shape. It is one page. */
export function toModelPage(models: readonly ModelObject[]): object {
  const data = models.map(toModelInfo);
  return { data, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
}

export function toModelInfo({ id, name = id, created, context_length: window, top_provider }: ModelObject): object {
  return {
    type: 'model',
    id,
    display_name: name,
    created_at: new Date(created * 1000).toISOString(),
    ...(window !== undefined && { max_input_tokens: window }),
    ...(top_provider?.max_completion_tokens !== undefined && { max_tokens: top_provider.max_completion_tokens }),
  };
}
