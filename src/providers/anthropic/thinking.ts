import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Message } from '../../core/message.ts';
import type { ModelFacts, Target } from '../../core/model.ts';
import { openState } from '../../core/provider-state.ts';
import { forcesTool } from '../capability-checks.ts';
import { array, object, string } from '../read-json.ts';
import { budgetWarning, chooseEffort, effortBudget } from '../reasoning-effort.ts';

/** Maps efforts to Anthropic's thinking, and sends signed thinking back with the next turn. */

type Fields = Record<string, unknown>;
export type Thinking = { readonly fields: Fields; readonly isOn: boolean; readonly warnings: readonly Warning[] };

const minBudget = 1024;
const disabled = { thinking: { type: 'disabled' } };

export function encodeThinking(request: ChatRequest, target: Target, maxTokens: number): Thinking {
  const { reasoningEffort: effort, reasoningBudget: wanted, messages } = request;
  const isRequested = (effort !== undefined && effort !== 'auto' && effort !== 'none') || wanted !== undefined;
  const adaptive = isAdaptive(target);
  const { word, warnings } = chooseEffort(effort, withWords(target, adaptive), { hasSwitch: true, takesAny: true });
  const off = (fields: Fields, why?: string): Thinking => ({
    fields,
    isOn: false,
    warnings:
      why && isRequested
        ? [{ option: wanted === undefined ? 'reasoningEffort' : 'reasoningBudget', message: `${why}; left out` }]
        : [],
  });
  // Models that think adaptively and take no sampling parameters may think without being asked.
  if (word === 'none') return off(adaptive ? disabled : {});
  if (forcesTool(request) && target.facts?.reasoning !== false) {
    const needsExplicitField = adaptive && (isRequested || target.facts?.sampling === false);
    return off(needsExplicitField ? disabled : {}, 'Thinking and a forced tool call exclude one another');
  }
  if (wanted !== undefined && (adaptive || target.facts?.reasoning === false)) {
    return { fields: {}, isOn: false, warnings: [budgetWarning(target)] };
  }
  if (!word && wanted === undefined) return { fields: {}, isOn: false, warnings };
  if (lacksSignedThinking(messages)) {
    return off({}, 'The last tool call came without its signed thinking (providerState)');
  }
  if (messages.at(-1)?.role === 'assistant') return off({}, 'Thinking and a prefill exclude one another');
  if (adaptive) {
    const fields = { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: word } };
    return { fields, isOn: true, warnings };
  }
  // Thinking tokens count towards the limit: a share of it leaves the rest for the answer.
  if (wanted !== undefined && (wanted < minBudget || wanted >= maxTokens)) {
    return off({}, `Thinking needs a budget of at least ${minBudget} and below maxTokens (${maxTokens})`);
  }
  const share = wanted ?? effortBudget(word ?? '', maxTokens);
  const budget = Math.min(Math.max(minBudget, share), maxTokens - 1);
  if (budget < minBudget) return off({}, `Thinking needs maxTokens above ${minBudget}`);
  return { fields: { thinking: { type: 'enabled', budget_tokens: budget } }, isOn: true, warnings };
}

/** Effort "max" came with adaptive thinking; earlier models take a budget. Unknown models are treated as new. */
export function isAdaptive({ facts }: Target): boolean {
  if (facts?.reasoning === undefined) return true;
  return facts.reasoning !== false && facts.reasoning.efforts?.includes('max') === true;
}

const adaptiveEfforts = ['low', 'medium', 'high', 'xhigh', 'max'];

/** Effort values need adaptive thinking; a budget exists for every effort. */
function withWords(target: Target, adaptive: boolean): Target {
  const { provider, model, facts } = target;
  const known: ModelFacts = facts ?? { provider, name: model, status: 'unknown' };
  if (known.reasoning === false) return target;
  const efforts = known.reasoning?.efforts ?? adaptiveEfforts;
  return { ...target, facts: { ...known, reasoning: adaptive ? { efforts } : {} } };
}

/** "Expected `thinking` or `redacted_thinking`, but found `tool_use`": a running tool loop needs its thinking back. */
function lacksSignedThinking(messages: readonly Message[]): boolean {
  if (messages.at(-1)?.role !== 'tool') return false;
  const last = messages.findLast((message) => message.role === 'assistant');
  return last?.role === 'assistant' && !thinkingState(last.providerState).some(({ type }) => type === 'thinking');
}

/** A block of thinking, or the place of a text or a call between such blocks. */
export type ThinkingState =
  | { readonly type: 'thinking'; readonly block: Fields }
  | { readonly type: 'text'; readonly length: number }
  | { readonly type: 'call' };

/** State comes from the caller and is not trusted: only the two block types pass, with only their own fields. */
export function thinkingState(providerState: string | undefined): readonly ThinkingState[] {
  return array(openState('anthropic', providerState)).flatMap((entry): ThinkingState[] => {
    const { type, thinking, signature, data, length } = object(entry);
    if (type === 'thinking' && string(thinking) !== undefined && string(signature) !== undefined) {
      return [{ type: 'thinking', block: { type, thinking, signature } }];
    }
    if (type === 'redacted_thinking' && string(data) !== undefined)
      return [{ type: 'thinking', block: { type, data } }];
    if (type === 'text' && typeof length === 'number' && length >= 0) return [{ type, length }];
    return type === 'tool_use' ? [{ type: 'call' }] : [];
  });
}
