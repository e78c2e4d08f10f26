import type { ReasoningEffort } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';
import { refuse } from './capability-checks.ts';

/**
 * Reasoning effort. An effort is a hint, mapped to the nearest value that the model has; NONE is a contract, since
 * reasoning is paid for.
 */

/** Weakest first. `max` is a provider's value only: callers reach it by XHIGH where a model has none between. */
const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

export type EffortWire = {
  /** NONE is encoded apart from efforts: models accept it that do not list it among theirs. */
  readonly hasSwitch?: boolean;
  /** Models without effort values get a token budget or a hint in their template. */
  readonly takesAny?: boolean;
};

/** The effort to send: the caller's, the nearest one that the model accepts (with a warning), or none. */
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
    refuse('reasoningEffort', `${provider} cannot turn the reasoning of ${model} off.`);
  }
  const accepted = reasoning.efforts;
  if (!accepted) return wire.takesAny ? { word: effort, warnings: [] } : left('reasons, but supports no effort');
  if (accepted.includes(effort)) return { word: effort, warnings: [] };
  const nearest = nearestOf(accepted, effort);
  if (!nearest) return left('does not support this effort');
  return { word: nearest, warnings: [effortWarning(`${model} does not support "${effort}"; "${nearest}" was sent`)] };
}

export function canBeOff(target: Target, { hasSwitch, takesAny }: EffortWire): boolean {
  if (!target.facts?.reasoning) return true;
  const words = effortWords(target);
  return words ? hasSwitch === true || words.includes('none') : takesAny === true;
}

/** The effort values of a model that is known to reason and to have some. */
export function effortWords({ facts }: Target): readonly string[] | undefined {
  return facts?.reasoning ? facts.reasoning.efforts : undefined;
}

/**
 * Between two equally near values, the stronger one, as DeepSeek itself rounds ("medium" acts as high, "xhigh" as max).
 */
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

/** The share of the tokens that an effort stands for, where a provider takes a budget. */
export function effortBudget(word: string, tokens: number): number {
  return Math.round((budgetShare[word] ?? 0) * tokens);
}

export function budgetWarning({ provider, model }: Target, why = 'supports no budget of reasoning tokens'): Warning {
  return { option: 'reasoningBudget', message: `${model} on ${provider} ${why}; left out` };
}

export function effortWarning(message: string): Warning {
  return { option: 'reasoningEffort', message };
}
