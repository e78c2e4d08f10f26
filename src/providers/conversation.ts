import type { Warning } from '../core/completion.ts';
import type { Message } from '../core/message.ts';

/** Any message but system messages. */
export type Turn = Exclude<Message, { role: 'system' }>;

/** Splits system messages from the conversation, for wires that take them once and in front. */
export function splitSystem(messages: readonly Message[]): { system: string; turns: Turn[]; warnings: Warning[] } {
  const texts: string[] = [];
  const turns: Turn[] = [];
  let isLate = false;
  for (const message of messages) {
    if (message.role !== 'system') turns.push(message);
    else {
      texts.push(message.text);
      isLate ||= turns.length > 0;
    }
  }
  const text = 'System messages between the turns were moved to the front';
  return { system: texts.join('\n\n'), turns, warnings: isLate ? [{ option: 'messages', message: text }] : [] };
}

/** An assistant message that held only another provider's state. Many wires refuse one without content or calls. */
export function isSilent(message: Message): boolean {
  return message.role === 'assistant' && message.text === '' && message.toolCalls.length === 0;
}
