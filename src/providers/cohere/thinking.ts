import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { budgetWarning, chooseEffort, effortBudget } from '../reasoning-effort.ts';

/** The wire knows on, off and a token budget; an effort becomes a share of the model's maximum output. */
const outputTokens = 32_768;
const minBudget = 1024;

export function encodeThinking(
  request: ChatRequest,
  target: Target,
): { fields: Record<string, unknown>; warnings: Warning[] } {
  const { word, warnings } = chooseEffort(request.reasoningEffort, target, { hasSwitch: true, takesAny: true });
  const { reasoningBudget: wanted, maxTokens } = request;
  if (wanted !== undefined) {
    if (target.facts?.reasoning === false) return { fields: {}, warnings: [budgetWarning(target)] };
    if (maxTokens !== undefined && wanted >= maxTokens) {
      return { fields: {}, warnings: [budgetWarning(target, `needs a budget below maxTokens (${maxTokens})`)] };
    }
    return { fields: { thinking: { type: 'enabled', token_budget: wanted } }, warnings };
  }
  if (word === undefined) return { fields: {}, warnings };
  if (word === 'none') return { fields: { thinking: { type: 'disabled' } }, warnings };
  // Thinking tokens count towards the limit: a share of it leaves the rest for the answer.
  const share = Math.max(minBudget, effortBudget(word, Math.min(outputTokens, request.maxTokens ?? outputTokens)));
  const budget = request.maxTokens === undefined ? share : Math.min(share, request.maxTokens - 1);
  if (budget < 1) {
    const message = 'Thinking leaves no room for an answer within maxTokens; left out';
    return { fields: {}, warnings: [{ option: 'reasoningEffort', message }] };
  }
  return { fields: { thinking: { type: 'enabled', token_budget: budget } }, warnings };
}
