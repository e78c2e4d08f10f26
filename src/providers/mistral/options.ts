import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { refuse } from '../contract.ts';

/** Options that Mistral takes or not depending on the model, or on one another. */
export function settleOptions(request: ChatRequest, target: Target): { request: ChatRequest; warnings: Warning[] } {
  const warnings: Warning[] = [];
  let { topP, reasoningEffort } = request;
  if (topP !== undefined && topP !== 1 && request.temperature === 0) {
    topP = undefined;
    warnings.push({ option: 'topP', message: 'mistral does not take it together with temperature 0; left out' });
  }
  if (reasoningEffort !== undefined && reasoningEffort !== 'auto' && alwaysReasons(target)) {
    if (reasoningEffort === 'none') refuse('reasoningEffort', `The reasoning of ${target.model} cannot be turned off.`);
    reasoningEffort = undefined;
    warnings.push({
      option: 'reasoningEffort',
      message: `${target.model} always reasons, and takes no effort; left out`,
    });
  }
  return { request: { ...request, topP, reasoningEffort }, warnings };
}

/**
 * Models that reason and know no effort word. Dated Magistral models are such and not in the catalogue; their "latest"
 * names are, with efforts, as they now stand for newer models (spring-projects/spring-ai#6208).
 */
function alwaysReasons({ model, facts }: Target): boolean {
  if (!facts) return model.startsWith('magistral-');
  return facts.reasoning !== undefined && facts.reasoning !== false && !facts.reasoning.efforts;
}
