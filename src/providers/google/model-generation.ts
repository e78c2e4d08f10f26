import type { Target } from '../../core/model.ts';
import { systemRoleOf } from '../wire-facts.ts';

/**
 * A model's options depend on its generation: `gemini-2.0` stands for models that do not reason, `gemini-2.5` for those
 * with a token budget, `gemini-3` for all later ones, which reason at a level.
 */
export type ModelGeneration = 'gemini-2.0' | 'gemini-2.5' | 'gemini-3' | 'gemma';

/**
 * The catalogue gives the generation by system role and reasoning. Otherwise the name decides, and an unknown name
 * counts as new: aliases and previews move on, old names do not.
 */
export function generationOf({ model, facts }: Target): ModelGeneration {
  if (systemRoleOf({ facts }) === 'user' || isNamedModel(model, /^gemma-/)) return 'gemma';
  const reasoning = facts?.reasoning;
  if (reasoning !== undefined) {
    if (reasoning === false) return 'gemini-2.0';
    return reasoning.efforts ? 'gemini-3' : 'gemini-2.5';
  }
  if (isNamedModel(model, /^gemini-(1|2\.0)[.-]/)) return 'gemini-2.0';
  return isNamedModel(model, /^gemini-2\.5/) ? 'gemini-2.5' : 'gemini-3';
}

/** Whether the name matches, with or without `models/`. */
export function isNamedModel(model: string, pattern: RegExp): boolean {
  return pattern.test(model.replace(/^models\//, ''));
}
