import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { ModelFacts, Target } from '../../core/model.ts';
import { refuse } from '../capability-checks.ts';
import { budgetWarning, chooseEffort, effortBudget } from '../reasoning-effort.ts';
import { isNamedModel, type ModelGeneration } from './model-generation.ts';

/** Maps an effort to a thinkingConfig: a level or a token budget. Both at once are refused. */

type Fields = Record<string, unknown>;
type EncodedThinking = { readonly fields: Fields; readonly warnings: readonly Warning[] };

export function encodeThinking(request: ChatRequest, target: Target, generation: ModelGeneration): EncodedThinking {
  const wire = { takesAny: generation === 'gemini-2.5' };
  const { word, warnings } = chooseEffort(request.reasoningEffort, withReasoning(target, generation), wire);
  const { reasoningBudget: wanted } = request;
  if (wanted !== undefined) {
    if (generation !== 'gemini-2.5') return { fields: {}, warnings: [budgetWarning(target)] };
    const { min, max } = budgetLimits(target.facts?.family ?? target.model);
    if (wanted < min || wanted > max) {
      return { fields: {}, warnings: [budgetWarning(target, `accepts a budget of ${min} to ${max}`)] };
    }
    return { fields: { thinkingConfig: { thinkingBudget: wanted, includeThoughts: true } }, warnings };
  }
  if (!word) return { fields: {}, warnings };
  const config =
    generation === 'gemini-2.5' ? encodeBudget(word, request, target) : { thinkingLevel: word.toUpperCase() };
  const includeThoughts = word !== 'none';
  return { fields: { thinkingConfig: { ...config, ...(includeThoughts && { includeThoughts }) } }, warnings };
}

/** The target, with its generation's facts where the catalogue has none. */
function withReasoning(target: Target, generation: ModelGeneration): Target {
  const { provider, model, facts } = target;
  const known: ModelFacts = facts ?? { provider, name: model, status: 'unknown' };
  return { ...target, facts: { ...known, reasoning: reasoningOf(target, generation) } };
}

function reasoningOf({ model, facts }: Target, generation: ModelGeneration): NonNullable<ModelFacts['reasoning']> {
  const known = facts?.reasoning;
  switch (generation) {
    case 'gemini-2.0':
      return false;
    case 'gemini-2.5':
      return {};
    case 'gemini-3':
      return known || { efforts: ['low', 'medium', 'high'] };
    case 'gemma':
      if (known === false || isNamedModel(model, /^gemma-[1-3]/)) return false;
      // "Thinking budget is not supported for this model", nor are the levels between these two.
      return known?.efforts ? known : { efforts: ['minimal', 'high'] };
  }
}

const defaultMaxTokens = 65_536;

/** A share of the answer's token limit: thoughts count towards it and must leave room for the answer. */
function encodeBudget(word: string, { maxTokens }: ChatRequest, { model, facts }: Target): Fields {
  const { min, max, canBeOff } = budgetLimits(facts?.family ?? model);
  if (word === 'none') {
    if (!canBeOff) refuse('reasoningEffort', `The reasoning of ${model} cannot be turned off.`);
    return { thinkingBudget: 0 };
  }
  const share = effortBudget(word, maxTokens ?? facts?.maxOutputTokens ?? defaultMaxTokens);
  return { thinkingBudget: Math.min(Math.max(min, share), max) };
}

function budgetLimits(family: string): { min: number; max: number; canBeOff: boolean } {
  if (family.includes('pro')) return { min: 128, max: 32_768, canBeOff: false };
  return { min: family.includes('lite') ? 512 : 1, max: 24_576, canBeOff: true };
}
