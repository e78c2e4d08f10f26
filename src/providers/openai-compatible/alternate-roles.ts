import type { Warning } from '../../core/completion.ts';
import type { ContentPart, Message } from '../../core/message.ts';
import { refuse } from '../capability-checks.ts';
import type { Turn } from '../conversation.ts';

/**
 * For hosts where only user and assistant speak, in turn ("After the (optional) system message(s), user and assistant
 * roles should be alternating"): neighbours are merged, and tool calls and results become text.
 */
export function alternateRoles(
  provider: string,
  messages: readonly Message[],
): { messages: readonly Message[]; warnings: readonly Warning[] } {
  const system = messages.filter((message) => message.role === 'system');
  const turns = messages.filter((message) => message.role !== 'system');
  const names = new Map(turns.flatMap((message) => callsOf(message).map(({ id, name }) => [id, name])));
  const merged: Turn[] = [];
  for (const message of turns) {
    const spoken = inWords(message, names);
    const previous = merged.at(-1);
    const joined = previous && join(previous, spoken);
    if (joined) merged.splice(-1, 1, joined);
    else merged.push(spoken);
  }
  if (merged[0]?.role !== 'user')
    refuse('messages', `${provider} requires a conversation to begin with a user message.`);
  if (merged.at(-1)?.role !== 'user')
    refuse('messages', `${provider} requires a conversation to end with a user message.`);
  const usesTools = turns.some((message) => message.role === 'tool' || callsOf(message).length > 0);
  const message = `${provider} supports no tool messages; calls and results were written as text`;
  return { messages: [...system, ...merged], warnings: usesTools ? [{ option: 'messages', message }] : [] };
}

function callsOf(message: Turn) {
  return message.role === 'assistant' ? message.toolCalls : [];
}

function inWords(message: Turn, names: ReadonlyMap<string, string>): Turn {
  switch (message.role) {
    case 'user':
      return message;
    case 'assistant': {
      const calls = message.toolCalls.map(({ name, arguments: args }) => `I call ${name} with ${args || '{}'}.`);
      return { ...message, text: [message.text, ...calls].filter(Boolean).join('\n\n'), toolCalls: [] };
    }
    case 'tool': {
      const text = `Result of ${names.get(message.toolCallId)}:\n${message.text}`;
      return { role: 'user', parts: [{ type: 'text', text }] };
    }
  }
}

function join(a: Turn, b: Turn): Turn | undefined {
  if (a.role === 'user' && b.role === 'user') return { role: 'user', parts: joinParts(a.parts, b.parts) };
  if (a.role === 'assistant' && b.role === 'assistant') return { ...b, text: `${a.text}\n\n${b.text}` };
  return undefined;
}

function joinParts(a: readonly ContentPart[], b: readonly ContentPart[]): readonly ContentPart[] {
  const [last, first] = [a.at(-1), b[0]];
  if (last?.type !== 'text' || first?.type !== 'text') return [...a, ...b];
  return [...a.slice(0, -1), { type: 'text', text: `${last.text}\n\n${first.text}` }, ...b.slice(1)];
}
