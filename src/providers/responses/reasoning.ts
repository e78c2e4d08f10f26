import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { budgetWarning, chooseEffort } from '../reasoning-effort.ts';
import type { ResponsesProfile } from './profile.ts';

type EncodedReasoning = {
  readonly fields: Readonly<Record<string, unknown>>;
  /** A model that can reason is assumed to reason unless it is turned off. */
  readonly isOn: boolean;
  readonly warnings: readonly Warning[];
};

export function encodeReasoning(profile: ResponsesProfile, request: ChatRequest, target: Target): EncodedReasoning {
  const { reasoningEffort: effort, reasoningBudget } = request;
  const { word, warnings } = chooseEffort(effort, target);
  if (reasoningBudget !== undefined) warnings.push(budgetWarning(target));
  const isOn = doesReason(profile, target) && effort !== 'none';
  const isRequested = effort !== undefined && effort !== 'auto';
  const { summary, isLost } = profile.reasoning ?? {};
  const reasoning = { ...(word && { effort: word }), ...(isOn && isRequested && summary && { summary }) };
  return {
    fields: {
      // A model that does not reason refuses even an empty one with 400.
      ...(Object.keys(reasoning).length > 0 && { reasoning }),
      ...(isOn && !isLost && { include: ['reasoning.encrypted_content'] }),
    },
    isOn,
    warnings,
  };
}

function doesReason({ takes }: ResponsesProfile, { model, facts }: Target): boolean {
  return facts?.reasoning === undefined ? takes?.(model) === true : facts.reasoning !== false;
}
