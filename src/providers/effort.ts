import type { ReasoningEffort } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';
import { refuse } from './contract.ts';

/** Weakest first. `max` is a provider's word only: callers reach it by XHIGH where a model has nothing between. */
const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * The effort word to send: the caller's, or the nearest one that the model accepts (with a warning), or none.
 * Reasoning that cannot be turned off is refused; an effort for a model that does not reason is only a hint.
 */
export function chooseEffort(
  effort: ReasoningEffort | undefined,
  { model, facts }: Target,
): { word: string | undefined; warnings: Warning[] } {
  if (effort === undefined || effort === 'auto') return { word: undefined, warnings: [] };
  const reasoning = facts?.reasoning;
  if (reasoning === false) {
    if (effort === 'none') return { word: undefined, warnings: [] };
    return { word: undefined, warnings: [warning(`${model} does not reason; left out`)] };
  }
  const accepted = reasoning?.efforts;
  if (!accepted || accepted.includes(effort)) return { word: effort, warnings: [] };
  if (effort === 'none') refuse('reasoningEffort', `The reasoning of ${model} cannot be turned off.`);
  const wanted = scale.indexOf(effort);
  const nearest = accepted
    .filter((candidate) => candidate !== 'none' && scale.includes(candidate))
    .sort((a, b) => Math.abs(scale.indexOf(a) - wanted) - Math.abs(scale.indexOf(b) - wanted))[0];
  if (!nearest) return { word: undefined, warnings: [warning(`${model} takes no such effort; left out`)] };
  return { word: nearest, warnings: [warning(`${model} does not know "${effort}"; "${nearest}" was sent`)] };
}

function warning(message: string): Warning {
  return { option: 'reasoningEffort', message };
}
