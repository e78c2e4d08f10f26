import type { Message, ToolCall } from '../../core/message.ts';
import type { ResponsesProfile } from './profile.ts';

/** Input items. None has an `id`: with `store: false` the provider would look it up and fail. */
export type Item = Readonly<Record<string, unknown>>;

export type AssistantMessage = Message & { role: 'assistant' };

export function toMessage({ typedMessages }: ResponsesProfile, role: string, content: unknown): Item {
  return { ...(typedMessages && { type: 'message' }), role, content };
}

export function toCall({ id, name, arguments: text }: ToolCall): Item {
  return { type: 'function_call', call_id: id, name, arguments: text || '{}' };
}

/** An assistant message as items: text, then calls. */
export function spokenItems(profile: ResponsesProfile, { text, toolCalls }: AssistantMessage): readonly Item[] {
  return [...(text === '' ? [] : [toMessage(profile, 'assistant', text)]), ...toolCalls.map(toCall)];
}
