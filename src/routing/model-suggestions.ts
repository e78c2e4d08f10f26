import type { GatewayError } from '../core/errors.ts';
import type { Model, Target } from '../core/model.ts';

const maxNamed = 5;

/**
 * Adds to MODEL_NOT_FOUND since when the model is retired, and which models are available. Other failures stay as they
 * are.
 */
export function withModelSuggestions(
  error: GatewayError,
  target: Target,
  models: readonly Model[],
  today: Date,
): GatewayError {
  if (error.code !== 'MODEL_NOT_FOUND') return error;
  const current = currentModels(target, models);
  const sentences = [
    /[.!?…]$/.test(error.message) ? error.message : `${error.message}.`,
    ending(target, today),
    current.length > 0 ? `In service: ${current.join(', ')}.` : '',
  ];
  const message = sentences.filter(Boolean).join(' ');
  return error.withMessage(message);
}

function ending({ provider, model, facts }: Target, today: Date): string {
  if (facts?.retired === undefined) return '';
  const isOver = facts.retired <= today.toISOString().slice(0, facts.retired.length);
  return isOver
    ? `${provider} retired ${model} ${facts.retired.length > 7 ? 'on' : 'in'} ${facts.retired}.`
    : `${provider} announced the retirement of ${model} for ${facts.retired}.`;
}

/** The same family first, and there the newest. */
function currentModels({ provider, model, facts }: Target, models: readonly Model[]): string[] {
  const isRelated = (one: Model) => facts?.family !== undefined && one.facts.family === facts.family;
  return models
    .filter((one) => one.provider.id === provider && one.facts.status === 'active' && one.facts.name !== model)
    .sort(
      (a, b) =>
        Number(isRelated(b)) - Number(isRelated(a)) || (b.facts.released ?? '').localeCompare(a.facts.released ?? ''),
    )
    .slice(0, maxNamed)
    .map(({ id }) => id);
}
