import type { Context, Message, UserMessage } from '@ag-ui/client';
import type { ContentPartInput, MessageInput } from 'parley-client';

/** The conversation of AG-UI as messages of a request. */
export function toMessageInputs(messages: readonly Message[], context: readonly Context[]): MessageInput[] {
  const known = context.map(({ description, value }) => `${description}: ${value}`).join('\n');
  return [...(known === '' ? [] : [{ role: 'SYSTEM' as const, content: known }]), ...messages.flatMap(toMessageInput)];
}

function toMessageInput(message: Message): MessageInput[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      return [{ role: 'SYSTEM', content: message.content }];
    case 'user':
      return [{ role: 'USER', ...toContent(message.content) }];
    case 'assistant': {
      const { content = '', toolCalls = [], encryptedValue = null } = message;
      const calls = toolCalls.map(({ id, function: { name, arguments: text } }) => ({ id, name, arguments: text }));
      return [{ role: 'ASSISTANT', content, toolCalls: calls, providerState: encryptedValue }];
    }
    case 'tool': {
      const { toolCallId, content, error } = message;
      return [{ role: 'TOOL', toolCallId, ...toContent(error ?? content), isError: error !== undefined }];
    }
    // What a model has thought goes back in the provider's state.
    default:
      return [];
  }
}

type Content = UserMessage['content'];
type Part = Exclude<Content, string>[number];

function toContent(content: Content): Pick<MessageInput, 'content'> | Pick<MessageInput, 'parts'> {
  return typeof content === 'string' ? { content } : { parts: content.map(toPart) };
}

function toPart(part: Part): ContentPartInput {
  if (part.type === 'text') return { text: part.text };
  const { source } = part;
  const url = source.type === 'data' ? `data:${source.mimeType};base64,${source.value}` : source.value;
  if (part.type === 'image') return { image: { url } };
  if (part.type === 'audio') return { audio: { url } };
  return part.type === 'video' ? { video: { url } } : { file: { url } };
}
