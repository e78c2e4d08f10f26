import type { ReasoningEffort } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';
import { refuse } from './capability-checks.ts';

/**
 * How much a model is to reason. An effort is a hint, answered by the nearest thing that the model has; NONE is a
 * contract, since what a model reasons is paid for.
 */

/** Weakest first. `max` is a provider's word only: callers reach it by XHIGH where a model has nothing between. */
const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

export type EffortWire = {
  /** NONE is written apart from the effort words: models take it that do not have it among theirs. */
  readonly hasSwitch?: boolean;
  /** Efforts reach a model without effort words too, as a budget of tokens or as a hint to its template. */
  readonly takesAny?: boolean;
};

/** The effort word to send: the caller's, or the nearest one that the model accepts (with a warning), or none. */
export function chooseEffort(
  effort: ReasoningEffort | undefined,
  target: Target,
  wire: EffortWire = {},
): { word: string | undefined; warnings: Warning[] } {
  if (effort === undefined || effort === 'auto') return { word: undefined, warnings: [] };
  const { provider, model, facts } = target;
  const left = (why: string) => ({ word: undefined, warnings: [effortWarning(`${model} ${why}; left out`)] });
  const reasoning = facts?.reasoning;
  if (reasoning === undefined) return { word: effort, warnings: [] };
  if (reasoning === false) {
    return effort === 'none' ? { word: undefined, warnings: [] } : left('does not reason');
  }
  if (effort === 'none') {
    if (canBeOff(target, wire)) return { word: 'none', warnings: [] };
    refuse('reasoningEffort', `${provider} has no way to turn the reasoning of ${model} off.`);
  }
  const accepted = reasoning.efforts;
  if (!accepted) return wire.takesAny ? { word: effort, warnings: [] } : left('reasons, but takes no effort');
  if (accepted.includes(effort)) return { word: effort, warnings: [] };
  const nearest = nearestOf(accepted, effort);
  if (!nearest) return left('takes no such effort');
  return { word: nearest, warnings: [effortWarning(`${model} does not know "${effort}"; "${nearest}" was sent`)] };
}

export function canBeOff(target: Target, { hasSwitch, takesAny }: EffortWire): boolean {
  if (!target.facts?.reasoning) return true;
  const words = effortWords(target);
  return words ? hasSwitch === true || words.includes('none') : takesAny === true;
}

/** The effort words of a model that is known to reason, and to have such. */
export function effortWords({ facts }: Target): readonly string[] | undefined {
  return facts?.reasoning ? facts.reasoning.efforts : undefined;
}

/** Between two words equally near, the stronger one: so DeepSeek itself rounds ("medium" acts as high, "xhigh" as max). */
function nearestOf(accepted: readonly string[], effort: ReasoningEffort): string | undefined {
  const wanted = scale.indexOf(effort);
  const distance = (word: string) => Math.abs(scale.indexOf(word) - wanted);
  return accepted
    .filter((word) => word !== 'none' && scale.includes(word))
    .sort((a, b) => distance(a) - distance(b) || scale.indexOf(b) - scale.indexOf(a))[0];
}

const budgetShare: Readonly<Record<string, number>> = {
  minimal: 0.02,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  xhigh: 0.9,
  max: 0.9,
};

/** The share of these tokens that an effort stands for, where a provider counts tokens instead of taking a word. */
export function effortBudget(word: string, tokens: number): number {
  return Math.round((budgetShare[word] ?? 0) * tokens);
}

export function effortWarning(message: string): Warning {
  return { option: 'reasoningEffort', message };
}
