import type { Completion, OutputFile, ToolCall } from './completion.ts';
import type { ContentPartInput, MessageInput } from './operations.ts';
import { type ToolResult, toMessage, toToolMessage } from './tools.ts';

/** A message of a conversation, as an interface shows it. */
export type ChatMessage = {
  readonly id: string;
  readonly role: 'USER' | 'ASSISTANT';
  readonly text: string;
  /** What a user sends beside the text. */
  readonly attachments: readonly ContentPartInput[];
  readonly reasoning: string | null;
  /** The tools that an answer calls, each with its result once it has one. */
  readonly toolCalls: readonly (ToolCall & Partial<Pick<ToolResult, 'content' | 'isError'>>)[];
  /** Images and sound of an answer. */
  readonly files: readonly OutputFile[];
  /** The whole answer, with usage, cost and sources, once it is there. */
  readonly completion?: Completion;
};

/** The messages of a request that a message of the conversation stands for. */
export function toMessageInputs(message: ChatMessage): MessageInput[] {
  const { role, text, attachments, toolCalls, completion } = message;
  if (role === 'USER') {
    if (attachments.length === 0) return [{ role, content: text }];
    return [{ role, parts: [...(text === '' ? [] : [{ text }]), ...attachments] }];
  }
  const calls = toolCalls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args }));
  return [
    toMessage({ text, toolCalls: calls, providerState: completion?.providerState ?? null }),
    ...toolCalls.map(({ content = 'The call was not run.', isError = true, ...call }) =>
      toToolMessage({ call, content, isError }),
    ),
  ];
}
