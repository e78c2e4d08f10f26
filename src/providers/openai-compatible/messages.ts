import type { Warning } from '../../core/completion.ts';
import type { ContentPart, Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { isSilent, splitSystem } from '../conversation.ts';
import { systemRoleOf } from '../wire-facts.ts';
import { alternateRoles } from './alternate-roles.ts';
import type { Profile } from './profile.ts';
import { reasoningOf, replaysReasoning } from './reasoning.ts';

type Fields = Record<string, unknown>;
type Conversation<Kind> = { readonly messages: readonly Kind[]; readonly warnings: readonly Warning[] };

export function encodeConversation(profile: Profile, given: readonly Message[], target: Target): Conversation<Fields> {
  const said = withCallIds(given, callIdRules.chatCompletions).filter((message) => !isSilent(message));
  const front = profile.systemFirst ? withSystemFirst(said) : { messages: said, warnings: [] };
  const { messages, warnings } = profile.alternatesRoles
    ? alternateRoles(profile.id, front.messages)
    : { ...front, warnings: [] };
  return {
    messages: messages.map((message) => encodeMessage(message, profile, target)),
    warnings: [...front.warnings, ...warnings],
  };
}

function withSystemFirst(messages: readonly Message[]): Conversation<Message> {
  const { system, turns, warnings } = splitSystem(messages);
  return { messages: system === '' ? turns : [{ role: 'system', text: system }, ...turns], warnings };
}

function encodeMessage(message: Message, profile: Profile, target: Target): Fields {
  switch (message.role) {
    case 'system':
      return { role: systemRoleOf(target), content: message.text };
    case 'user':
      return { role: 'user', content: encodeContent(message.parts, profile) };
    case 'assistant':
      if (message.toolCalls.length === 0) {
        return { role: 'assistant', content: message.text, ...replayed(message, profile, target) };
      }
      return {
        role: 'assistant',
        content: message.text || (profile.alwaysText ? '' : null),
        ...replayed(message, profile, target),
        tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
          id,
          type: 'function',
          function: { name, arguments: text || '{}' },
        })),
      };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.text };
  }
}

function encodeContent(parts: readonly ContentPart[], { plainText }: Profile): unknown {
  const onlyText = parts.every((part) => part.type === 'text');
  if (onlyText && (plainText || parts.length === 1)) return parts.map(({ text }) => text).join('');
  return parts.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: { url: part.url, ...(part.detail && { detail: part.detail }) } },
  );
}

/** Reasoning that the provider wants back, out of the state or as a client of the REST face sent it. */
function replayed(message: Message & { role: 'assistant' }, profile: Profile, target: Target): Fields {
  if (!replaysReasoning(profile, target)) return {};
  const reasoning = reasoningOf(profile.id, message);
  return reasoning === undefined ? {} : { reasoning_content: reasoning };
}
