import type { Warning } from '../../core/completion.ts';
import { dataOf, type MediaPart } from '../../core/media.ts';
import type { ContentPart, Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { isSilent, splitSystem } from '../conversation.ts';
import { encodeDetail } from '../image-detail.ts';
import { systemRoleOf } from '../wire-facts.ts';
import { alternateRoles } from './alternate-roles.ts';
import type { Profile } from './profile.ts';
import { reasoningOf, replaysReasoning } from './reasoning.ts';

type Fields = Record<string, unknown>;
type Conversation<Kind> = { readonly messages: readonly Kind[]; readonly warnings: readonly Warning[] };

export function encodeConversation(
  profile: Profile,
  given: readonly Message[],
  target: Target,
  breakpoint?: Readonly<Fields>,
): Conversation<Fields> {
  const said = withCallIds(given, callIdRules.chatCompletions).filter((message) => !isSilent(message));
  const front = profile.systemFirst ? withSystemFirst(said) : { messages: said, warnings: [] };
  const { messages, warnings } = profile.alternatesRoles
    ? alternateRoles(profile.id, front.messages)
    : { ...front, warnings: [] };
  return {
    messages: messages.map((message) => encodeMessage(message, profile, target, breakpoint)),
    warnings: [...front.warnings, ...warnings],
  };
}

function withSystemFirst(messages: readonly Message[]): Conversation<Message> {
  const { system, turns, warnings } = splitSystem(messages);
  return { messages: system === '' ? turns : [{ role: 'system', text: system }, ...turns], warnings };
}

function encodeMessage(
  message: Message,
  profile: Profile,
  target: Target,
  breakpoint: Readonly<Fields> | undefined,
): Fields {
  const isMarked = breakpoint !== undefined && 'cacheBreakpoint' in message;
  const textOf = (text: string) => (isMarked && text !== '' ? [{ type: 'text', text, ...breakpoint }] : text);
  switch (message.role) {
    case 'system':
      return { role: systemRoleOf(target), content: textOf(message.text) };
    case 'user':
      return { role: 'user', content: encodeContent(message.parts, profile, breakpoint) };
    case 'assistant':
      if (message.toolCalls.length === 0) {
        return { role: 'assistant', content: textOf(message.text), ...replayed(message, profile, target) };
      }
      return {
        role: 'assistant',
        content: textOf(message.text) || (profile.alwaysText ? '' : null),
        ...replayed(message, profile, target),
        tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
          id,
          type: 'function',
          function: { name, arguments: text || '{}' },
        })),
      };
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.toolCallId,
        content: message.parts ? encodeContent(message.parts, profile, breakpoint) : textOf(message.text),
      };
  }
}

function encodeContent(parts: readonly ContentPart[], profile: Profile, breakpoint?: Readonly<Fields>): unknown {
  const { plainText } = profile;
  const isMarked = breakpoint !== undefined && parts.some(({ cacheBreakpoint }) => cacheBreakpoint);
  const onlyText = !isMarked && parts.every((part) => part.type === 'text');
  if (onlyText && (plainText || parts.length === 1)) return parts.map(({ text }) => text).join('');
  return parts.map((part) => ({
    ...(part.type === 'text' ? { type: 'text', text: part.text } : encodeMedia(part, profile)),
    ...(part.cacheBreakpoint && breakpoint),
  }));
}

function encodeMedia(part: MediaPart, { id, files, audio }: Profile): Fields {
  const { type, url, name, detail } = part;
  switch (type) {
    case 'image': {
      const written = id === 'openai' && detail !== undefined ? { detail } : encodeDetail(part);
      return { type: 'image_url', image_url: { url, ...written } };
    }
    case 'file':
      if (files === 'document_url')
        return { type: 'document_url', document_url: url, ...(name !== undefined && { document_name: name }) };
      return { type: 'file', file: { file_data: url, filename: name ?? 'document.pdf' } };
    case 'audio':
      return { type: 'input_audio', input_audio: encodeAudio(url, audio) };
    case 'video':
      return { type: 'video_url', video_url: { url } };
  }
}

function encodeAudio(url: string, form: Profile['audio']): unknown {
  const { mediaType, data } = dataOf(url) ?? {};
  if (form === 'string') return data ?? url;
  if (form === 'data-url') return { data: url };
  return { data, format: mediaType === 'audio/mpeg' ? 'mp3' : 'wav' };
}

/** Reasoning that the provider wants back, out of the state or as a client of the REST face sent it. */
function replayed(message: Message & { role: 'assistant' }, profile: Profile, target: Target): Fields {
  if (!replaysReasoning(profile, target)) return {};
  const reasoning = reasoningOf(profile.id, message);
  return reasoning === undefined ? {} : { reasoning_content: reasoning };
}
