import type { Warning } from '../../core/completion.ts';
import type { Message } from '../../core/message.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { isSilent, splitSystem } from '../conversation.ts';
import { array, object } from '../read-json.ts';

/** Mistral checks the order of roles, where OpenAI accepts any. */

const acknowledgement: Message = { role: 'assistant', text: 'OK', toolCalls: [], providerState: undefined };

export function toMistralConversation(messages: readonly Message[]): {
  messages: readonly Message[];
  warnings: Warning[];
} {
  // "Unexpected role 'system' after role 'assistant'" (400).
  const { system, turns: said, warnings } = splitSystem(messages);
  const turns = said.filter((message) => !isSilent(message));
  // "Unexpected role 'user' after role 'tool'" (400, code 3230): an assistant message has to follow a result.
  const ordered = turns.flatMap((message, index) =>
    message.role === 'user' && turns[index - 1]?.role === 'tool' ? [acknowledgement, message] : [message],
  );
  if (ordered.length > turns.length) {
    warnings.push(warning('mistral requires an assistant message after a tool result; an "OK" was inserted'));
  }
  if (ordered.at(-1)?.role === 'assistant') {
    warnings.push(warning('mistral repeats the prefill at the beginning of its answer'));
  }
  const front: Message[] = system === '' ? [] : [{ role: 'system', text: system }];
  return { messages: withCallIds([...front, ...ordered], callIdRules.mistral), warnings };
}

/** "Expected last role User or Tool (or Assistant with prefix True)": a prefill has to be marked. */
export function withPrefix(messages: unknown): readonly unknown[] {
  const encoded = array(messages);
  const last = object(encoded.at(-1));
  return last['role'] === 'assistant' ? encoded.with(-1, { ...last, prefix: true }) : encoded;
}

function warning(message: string): Warning {
  return { option: 'messages', message };
}
