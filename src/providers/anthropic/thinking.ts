import type { ChatRequest, Message } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { openState } from '../../core/provider-state.ts';
import { chooseEffort } from '../effort.ts';
import { list, record, text } from '../lenient.ts';

/** How an effort becomes Anthropic's thinking, and how signed thinking comes back with the next turn. */

type Fields = Record<string, unknown>;
export type Thinking = { readonly fields: Fields; readonly isOn: boolean; readonly warnings: readonly Warning[] };

const minBudget = 1024;
const budgetShare: Readonly<Record<string, number>> = {
  minimal: 0.02,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  xhigh: 0.9,
  max: 0.9,
};

export function encodeThinking(request: ChatRequest, target: Target, maxTokens: number): Thinking {
  const off = (message: string): Thinking => ({
    fields: {},
    isOn: false,
    warnings: [{ option: 'reasoningEffort', message: `${message}; left out` }],
  });
  const effort = request.reasoningEffort;
  const reasoning = target.facts?.reasoning;
  if (effort === 'none') {
    // Models without an effort word do not think unless told to.
    const fields = reasoning === false || (reasoning && !reasoning.efforts) ? {} : { thinking: { type: 'disabled' } };
    return { fields, isOn: false, warnings: [] };
  }
  const { word, warnings } = chooseEffort(effort, target);
  if (!word) return { fields: {}, isOn: false, warnings };
  if (forcesTool(request)) return off('Thinking and a forced tool exclude one another');
  if (lacksSignedThinking(request.messages)) {
    return off('The last tool call came without its signed thinking (providerState)');
  }
  if (isAdaptive(target)) {
    const accepted = word === 'minimal' ? 'low' : word;
    const fields = { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: accepted } };
    return { fields, isOn: true, warnings };
  }
  const share = (budgetShare[word] ?? 0) * (target.facts?.maxOutputTokens ?? maxTokens);
  const budget = Math.min(Math.max(minBudget, Math.round(share)), maxTokens - 1);
  if (budget < minBudget) return off(`Thinking needs maxTokens above ${minBudget}`);
  return { fields: { thinking: { type: 'enabled', budget_tokens: budget } }, isOn: true, warnings };
}

function forcesTool({ toolChoice, tools }: ChatRequest): boolean {
  return tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object');
}

/** The effort "max" came with adaptive thinking; models before it take a budget. Unknown ones are taken for new. */
function isAdaptive({ facts }: Target): boolean {
  if (!facts?.reasoning) return true;
  return facts.reasoning.efforts?.includes('max') === true;
}

/** "Expected `thinking` or `redacted_thinking`, but found `tool_use`": a running tool loop needs its own thinking back. */
function lacksSignedThinking(messages: readonly Message[]): boolean {
  if (messages.at(-1)?.role !== 'tool') return false;
  const last = messages.findLast((message) => message.role === 'assistant');
  return last?.role === 'assistant' && thinkingBlocks(last.providerState).length === 0;
}

/** What a caller echoes is not trusted to be ours: only the two block types pass, with only their own fields. */
export function thinkingBlocks(providerState: string | undefined): readonly Fields[] {
  return list(openState('anthropic', providerState)).flatMap((block): Fields[] => {
    const { type, thinking, signature, data } = record(block);
    if (type === 'thinking' && text(thinking) !== undefined && text(signature) !== undefined) {
      return [{ type, thinking, signature }];
    }
    return type === 'redacted_thinking' && text(data) !== undefined ? [{ type, data }] : [];
  });
}
