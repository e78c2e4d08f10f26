import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import { openState, sealState } from '../../core/provider-state.ts';

/**
 * Thinking blocks and `providerState`. Anthropic's own blocks are the state of its models; the state of any other provider
 * travels as the data of a `redacted_thinking` block, or as the signature of a `thinking` block.
 */

/** The state in the blocks of an assistant's turn, and its reasoning in plain text. */
export function stateOf(blocks: readonly unknown[]): {
  readonly providerState: string | undefined;
  readonly reasoning: string;
} {
  const kept: JsonObject[] = [];
  let reasoning = '';
  let sealed: string | undefined;
  let isSigned = false;
  for (const block of blocks) {
    const { type, text, thinking, signature, data } = isJsonObject(block) ? block : {};
    if (type === 'text') kept.push({ type, length: typeof text === 'string' ? text.length : 0 });
    else if (type === 'tool_use') kept.push({ type });
    else if (type === 'thinking') {
      if (typeof thinking === 'string') reasoning += thinking;
      if (isSealed(signature)) sealed = signature;
      else if (typeof signature === 'string' && signature !== '') {
        kept.push({ type, thinking, signature });
        isSigned = true;
      }
    } else if (type === 'redacted_thinking') {
      if (isSealed(data)) sealed = data;
      else if (typeof data === 'string') {
        kept.push({ type, data });
        isSigned = true;
      }
    }
  }
  if (sealed !== undefined) return { providerState: sealed, reasoning };
  const end = kept.findLastIndex(({ type }) => type === 'thinking' || type === 'redacted_thinking') + 1;
  return { providerState: isSigned ? sealState('anthropic', kept.slice(0, end)) : undefined, reasoning };
}

/** Text of ours: it names its provider. */
function isSealed(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(sealedStart);
}

/** Base64 of `{"provider":`. */
const sealedStart = sealState('', '').slice(0, 16);

/** The blocks of an answer of Anthropic's, in their places. Empty for any other answer. */
export function anthropicBlocks(providerState: string | undefined): readonly JsonObject[] {
  const state = openState('anthropic', providerState);
  return Array.isArray(state) ? state.filter(isJsonObject) : [];
}
