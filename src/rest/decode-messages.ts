import { isJsonObject, type JsonObject } from '../core/chat.ts';
import { chatLimits } from '../core/message.ts';
import type { DecodeContext } from './decode-context.ts';

/** OpenAI's messages in the shape of ChatInput. Values of a wrong type are passed on: core/chat.ts reports them. */
export function decodeMessages(messages: unknown, notes: DecodeContext): unknown {
  if (!Array.isArray(messages)) return messages;
  return notes
    .bounded(messages, 'messages', chatLimits.messages)
    .map((message, index) => (isJsonObject(message) ? decodeMessage(message, `messages[${index}]`, notes) : message));
}

function decodeMessage(message: JsonObject, path: string, notes: DecodeContext): JsonObject {
  const { role, content, tool_calls, tool_call_id, ...others } = message;
  if (role === 'function')
    notes.refuse(`${path}.role`, 'The role "function" is legacy: use tools, and the role "tool"');
  const decoded = {
    role: role === 'developer' ? 'system' : role,
    toolCalls: decodeCalls(tool_calls, `${path}.tool_calls`, notes),
    toolCallId: tool_call_id,
  };
  if (role !== 'assistant') {
    notes.ignore(others, path);
    return { ...decoded, ...decodeContent(content, path, notes) };
  }
  const { refusal, provider_state, x_parley, reasoning_content: reasoning, ...rest } = others;
  notes.ignore(withoutEcho(rest), path);
  return {
    ...decoded,
    // A refusal in an assistant message is its text.
    ...decodeContent(content ?? refusal, path, notes),
    providerState: provider_state ?? (isJsonObject(x_parley) ? x_parley['provider_state'] : undefined),
    // Echoed by clients that do not know provider_state.
    ...(typeof reasoning === 'string' && { reasoning }),
  };
}

/** Fields of an answer's message that clients send back with the conversation, and that mean nothing in a request. */
function withoutEcho({ annotations: _annotations, parsed: _parsed, ...others }: JsonObject): JsonObject {
  return others;
}

function decodeContent(content: unknown, path: string, notes: DecodeContext): JsonObject {
  if (!Array.isArray(content)) return { content };
  const parts = notes.bounded(content, `${path}.content`, chatLimits.parts);
  return { parts: parts.map((part, index) => decodePart(part, `${path}.content[${index}]`, notes)) };
}

function decodePart(part: unknown, path: string, notes: DecodeContext): unknown {
  if (!isJsonObject(part)) return part;
  const { type, ...fields } = part;
  switch (type) {
    case 'text': {
      const { text, ...others } = fields;
      notes.ignore(others, path);
      return { text };
    }
    case 'refusal': {
      const { refusal, ...others } = fields;
      notes.ignore(others, path);
      return { text: refusal };
    }
    case 'image_url': {
      const { image_url: image, ...others } = fields;
      notes.ignore(others, path);
      return { image: isJsonObject(image) ? decodeImage(image, `${path}.image_url`, notes) : image };
    }
    default:
      notes.refuse(`${path}.type`, 'Expected "text" or "image_url"');
      return part;
  }
}

function decodeImage({ url, detail, ...others }: JsonObject, path: string, notes: DecodeContext): JsonObject {
  notes.ignore(others, path);
  return { url, detail };
}

function decodeCalls(calls: unknown, path: string, notes: DecodeContext): unknown {
  if (!Array.isArray(calls)) return calls;
  return notes.bounded(calls, path, chatLimits.tools).map((call, index) => {
    if (!isJsonObject(call)) return call;
    const { id, type, function: called, index: _place, ...others } = call;
    if (type !== 'function') notes.refuse(`${path}[${index}].type`, 'Expected "function"');
    notes.ignore(others, `${path}[${index}]`);
    const { name, arguments: json } = isJsonObject(called) ? called : {};
    return { id, name, arguments: json };
  });
}
