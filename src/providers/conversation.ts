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
  const warnings: Warning[] = [];
  const warn = (message: string) => warnings.push({ option: 'messages', message });
  if (isLate) warn('System messages between the turns were moved to the front');
  const last = turns.length === 0 ? texts.pop() : undefined;
  if (last !== undefined) {
    turns.push(toUser(last));
    warn(onlySystem);
  }
  return { system: texts.join('\n\n'), turns, warnings };
}

const onlySystem = 'The conversation has system messages alone; the last one was sent as a user message';

function toUser(text: string): Turn {
  return { role: 'user', parts: [{ type: 'text', text }] };
}

/** For wires that take system messages anywhere and need a user message. */
export function withUserTurn(messages: readonly Message[]): {
  readonly messages: readonly Message[];
  readonly warnings: readonly Warning[];
} {
  const last = messages.at(-1);
  if (last?.role !== 'system' || messages.some(({ role }) => role !== 'system')) return { messages, warnings: [] };
  const warning = { option: 'messages', message: onlySystem };
  return { messages: [...messages.slice(0, -1), toUser(last.text)], warnings: [warning] };
}

/** An assistant message that held only another provider's state. Many wires refuse one without content or calls. */
export function isSilent(message: Message): boolean {
  return message.role === 'assistant' && message.text === '' && message.toolCalls.length === 0;
}
